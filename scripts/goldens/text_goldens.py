"""Makes Tests/SeqTextTests/Fixtures/text_goldens.json and the two small SentencePiece models.

Reference programs: sentencepiece 0.2.3 (Python), unicodedata of Python 3, sacremoses 0.2.0.
Run from the root of the package:

    SEQ2SEQ_DATA=../shared/data python scripts/goldens/text_goldens.py

SEQ2SEQ_DATA holds models that are not part of the package (models/sentencepiece/*.model of the
SentencePiece repository); only the ids that they give to our own sentences are stored. The corpus is Fixtures/corpus.txt, written for these tests.
"""

import json
import os
import sys
import unicodedata

import sacremoses
import sentencepiece

folder = os.path.join("Tests", "SeqTextTests", "Fixtures")
corpus = os.path.join(folder, "corpus.txt")

TEXTS = [
    "The little boat crossed the river before the rain began.",
    "Nobody had told her that the library closes at six.",
    "小船在下雨之前过了河。",
    "没有人告诉她图书馆六点关门。",
    "Zebras quickly vexed the jumping fox!",
    "  leading, double  and trailing spaces  ",
    "mixed 中文 and English 句子",
    "unknown ☃ and Ω signs",
    "",
    "<s> not special </s> <unk>",
    "▁ the mark itself",
    "١٢٣ ４５６ ﬁne",
]

UNICODE = [
    "café", "cafe\u0301", "ﬁne ﬂow", "ＡＢＣ１２３", "你好，世界！（测试）", "㍿ ㎏ ℃ ½",
    "\u1e9b\u0323", "한글", "\u1112\u1161\u11ab", "ｶﾞｷﾞ", "x²y₃", "ﷺ", "Å \u212b",
]

MOSES = [
    "The cat, which sat on the mat, didn't move.",
    "It's 3.14 or 1,000, isn't it?",
    "Mr. Smith went to Washington on Jan. 5th.",
    "She said: \"Come here!\"",
    "A well-known author (born in 1950) wrote it.",
    "We're sure that they've won; you'll see.",
    "The U.S. team won 3-2.",
    "Prices rose 5% to $20.",
    "Wait... what?",
    "The dogs' house is John's.",
]


def model_cases(path):
    processor = sentencepiece.SentencePieceProcessor(model_file=path)
    return [
        {
            "text": text,
            "ids": processor.encode(text),
            "pieces": processor.encode(text, out_type=str),
            "decoded": processor.decode(processor.encode(text)),
        }
        for text in TEXTS
    ]


goldens = {"models": {}, "normalization": [], "moses": []}
for kind, size in (("unigram", 300), ("bpe", 340)):
    prefix = os.path.join(folder, kind)
    sentencepiece.SentencePieceTrainer.train(
        input=corpus, model_prefix=prefix, vocab_size=size, model_type=kind,
        normalization_rule_name="identity", num_threads=2, minloglevel=2,
    )
    os.remove(prefix + ".vocab")
    goldens["models"][kind] = model_cases(prefix + ".model")

for name in ("test_model", "test_ja_model"):
    path = os.path.join(os.environ["SEQ2SEQ_DATA"], "models", "sentencepiece", name + ".model")
    goldens["models"][name] = model_cases(path)

for text in UNICODE:
    goldens["normalization"].append(
        {
            "text": text,
            "nfc": unicodedata.normalize("NFC", text),
            "nfkc": unicodedata.normalize("NFKC", text),
        }
    )

moses = sacremoses.MosesTokenizer(lang="en")
for text in MOSES:
    goldens["moses"].append({"text": text, "tokens": moses.tokenize(text, escape=False)})

with open(os.path.join(folder, "text_goldens.json"), "w", encoding="utf-8") as file:
    json.dump(goldens, file, ensure_ascii=True, indent=1)
print("versions", sentencepiece.__version__, sacremoses.__version__, sys.version.split()[0])
