#!/usr/bin/env python3
"""Writes Tests/SeqMetricsTests/Fixtures/bleu.json: what sacreBLEU says of sentences made up here.

Run from the root of the repository with sacrebleu 2.x installed:
    python3 scripts/goldens/metrics_bleu.py
"""
import json
import pathlib
import random

import sacrebleu
from sacrebleu.metrics import BLEU

CORPORA = {
    "english": (
        ["The cat sat quietly on the old mat.", "It rained all day, so we stayed inside.",
         "He doesn't know what he's talking about!", "Are we there yet?"],
        [["The cat was sitting quietly on the old mat.", "It rained all day long, so we stayed in.",
          "He does not know what he is talking about!", "Are we nearly there?"]]),
    "german": (
        ["Der Bäcker öffnet um sieben Uhr früh.", "Größe und Maß müssen genau stimmen.",
         "„Übermorgen“, sagte er, „fährt der Zug nach Köln.“"],
        [["Der Bäcker öffnet morgens um sieben Uhr.", "Die Größe und das Maß müssen genau stimmen.",
          "„Übermorgen“, sagte sie, „fährt der Zug nach Köln ab.“"]]),
    "chinese": (
        ["我每天早上七点起床，然后去公园跑步。", "这本书的价格是￥35.50，比网上贵10%。", "他说：“今天的天气真好！”"],
        [["我每天早晨七点起床，然后到公园跑步。", "这本书卖￥35.50，比网上贵了10%。", "他说：“今天天气真好！”"]]),
    "mixed": (
        ["我用 Swift 6.2 写了一个 seq2seq 程序。", "GPU价格涨了15%,CPU没变.", "Emoji 👍🏽 und 中文 mixed—why not?"],
        [["我用 Swift 6 写了一个 seq2seq 的程序。", "GPU的价格涨了15%，CPU没有变。", "Emoji 👍🏽 and 中文 mixed – why not?"]]),
    "numbers": (
        ["It costs $1,234.56 (about 1.100,50 €).", "Born in 1984-05-17, he ran 10-12 km.",
         "Version 3.14 is 2.5x faster than 3.13.", "Call 555-1234 at 9.30 a.m., not 10..."],
        [["It costs $1,234.56 (roughly 1.100,50 €).", "Born on 1984-05-17, he ran 10–12 km.",
          "Version 3.14 is 2.5 times faster than 3.13.", "Call 555-1234 at 9:30 a.m., not 10…"]]),
    "symbols": (
        ["a+b=c & x<y, {z}~^|\\ `q` @home #tag_1 50% [ok]/no; *star*",
         "&quot;Tom &amp; Jerry&quot; &lt;tag&gt; &amp;lt; <skipped>done", "wait... what?!,,. -- 5--6 'quoted' it's"],
        [["a + b = c & x < y, {z} ~ ^ | \\ `q` @home #tag_1 50 % [ok] / no; *star*",
          "\"Tom & Jerry\" <tag> &lt; done", "wait… what?!, . -- 5-6 'quoted' it is"]]),
    "empty_hypothesis": (
        ["", "something is here all right", "  "],
        [["there is a sentence here", "something is here all right", "blank"]]),
    "all_empty": (["", ""], [["", ""]]),
    "empty_reference": (["some words are here now", "more"], [["", ""]]),
    "hypotheses_empty_only": (["", ""], [["one two three", "four"]]),
    "identical": (
        ["Exactly the same sentence on both sides.", "And another identical one follows it."],
        [["Exactly the same sentence on both sides.", "And another identical one follows it."]]),
    "no_four_grams_match": (
        ["the red house near a big lake", "we often walk there in summer"],
        [["the red car near a small lake", "they often walk here in winter"]]),
    "no_bigrams_match": (["one three five seven nine"], [["nine seven five three one"]]),
    "nothing_matches": (["alpha beta gamma delta"], [["eins zwei drei vier fünf"]]),
    "short": (["yes", "no way"], [["yes", "no way"]]),
    "short_three": (["just three words"], [["just three words here"]]),
    "too_long": (["a a a a a a a a a a b b b"], [["a b a b"]]),
    "two_references": (
        ["The quick fox jumps over the dog.", "Tea is ready now", "Das ist gut so."],
        [["A quick brown fox jumped over the dog.", "The tea is ready", "So ist das gut."],
         ["The fast fox jumps over a lazy dog.", "Tea will be ready now, dear", "Das ist schon gut so."]]),
    "three_references_closest": (
        ["one two three four five six"],
        [["one two three four five six seven eight"], ["one two three four"], ["two three four five nine ten"]]),
    "absent_references": (
        ["The lamp is on the table.", "He came home late.", "It works, finally."],
        [["The lamp stands on the table.", None, "It finally works."],
         [None, "He came home very late.", "It works at last."]]),
    "absent_but_equal_counts": (
        ["The lamp is on.", "He came home late at night."],
        [["The lamp is on.", None], [None, "He came home late at night."]]),
    "case": (
        ["THE END IS NEAR, ÄRGER UND ÖL", "ΟΔΟΣ ΤΗΣ ΠΌΛΗΣ. ΑΣ", "İstanbul DŽ Ⅷ ẞ ΣΣ Σ"],
        [["the end is near, ärger und öl", "οδος της πόλης. ας", "i̇stanbul dž ⅷ ß σς σ"]]),
    "spaces": (
        ["  leading and\ttabs\u00a0nbsp\u3000wide  ", "zero\u200bwidth line\u2028sep\x1funit\x85next \u2009thin.\u2009"],
        [["leading and tabs nbsp wide", "zero\u200bwidth line sep unit next thin."]]),
    "newlines": (["a hyphen-\nated word\nand more.\n"], [["a hyphenated word and more."]]),
    "scripts": (
        ["«Привет», — сказал он; цена 5₽.", "これはペンです。ｱｲｳ ＡＢＣ１２３！", "مرحبا، كيف حالك؟ ٣٫٥", "हिन्दी में १२.५ है।", "𠀀𠀁 古字 𝟙𝟚 ½ ² ④"],
        [["«Привет», — сказала она; цена 5 ₽.", "これはペンだ。ｱｲｳ ABC123!", "مرحبا، كيف الحال؟ ٣٫٥", "हिंदी में १२.५ है।", "𠀀𠀁 的古字 𝟙𝟚 ½ ² ④"]]),
    "combining": (
        ["café cafe\u0301 nai\u0308ve 👩‍👩‍👧 🇩🇪 q\u0323\u0307", "e\u0301 é same"],
        [["cafe\u0301 café naïve 👩‍👩‍👧 🇩🇪 q\u0307\u0323", "é e\u0301 same"]]),
}

SETTINGS = [dict(tokenize=t) for t in ("13a", "zh", "char", "intl", "none")]
SETTINGS += [dict(smooth_method=m, smooth_value=v) for m, v in
             (("none", None), ("floor", None), ("floor", 0.01), ("add-k", None), ("add-k", 0.5))]
SETTINGS += [dict(lowercase=True), dict(lowercase=True, tokenize="intl"), dict(effective_order=True),
             dict(effective_order=True, smooth_method="none"), dict(effective_order=True, smooth_method="add-k"),
             dict(effective_order=True, smooth_method="floor", tokenize="zh"),
             dict(max_ngram_order=2), dict(max_ngram_order=6)]


def random_corpus(seed, count):
    """Sentences of random pieces, glued at random: what no one would think of writing."""
    draw = random.Random(seed)
    pieces = ["the", "a", "of", "Haus", "über", "1", "23", "4.5", "6,7", ".", ",", "-", "--", "...", "!", "?", "%", "$",
              "€", "“", "”", "„", "'", "\"", "(", ")", "&", "&amp;", "&quot;", "&lt;", "<skipped>", "我", "们", "，", "。",
              "①", "½", "٣", "👍", "—", "–", "…", "·", "«", "»", "/", "\\", "_", "^", "~", "`", "+", "=", "<", ">", "x",
              "e\u0301", "\u200b", "\u00a0", "ﬁ", "Σ", "ß", "½.", "a.b", "1.a", "a.1", "1-a", "-1", "Ⅳ,", "²."]

    def sentence():
        return "".join(draw.choice(pieces) + draw.choice(["", "", " "]) for _ in range(draw.randint(1, 16)))

    def edited(text):
        words = text.split(" ")
        if draw.random() < 0.7:
            words[draw.randrange(len(words))] = draw.choice(pieces)
        return " ".join(words)

    references = [sentence() for _ in range(count)]
    return [edited(r) for r in references], [references, [edited(r) for r in references]]


def scored(bleu, score, **extra):
    signature = bleu.get_signature().format().rsplit("|version:", 1)[0]
    return dict(extra, score=score.score, precisions=score.precisions, bp=score.bp,
                sys_len=score.sys_len, ref_len=score.ref_len, signature=signature,
                text=score.format(signature="SIGNATURE"))


def main():
    corpora = dict(CORPORA)
    for seed in range(4):
        corpora[f"random_{seed}"] = random_corpus(seed, 40)
    cases, sentences, tokens = [], [], []
    for name, (hypotheses, references) in corpora.items():
        for setting in SETTINGS:
            bleu = BLEU(force=True, **setting)
            cases.append(scored(bleu, bleu.corpus_score(hypotheses, references), corpus=name, setting=setting))
        if name.startswith("random") or "absent" in name:
            continue
        for setting in (dict(effective_order=True), dict(effective_order=True, tokenize="zh"), dict()):
            for index, hypothesis in enumerate(hypotheses):
                bleu = BLEU(force=True, **setting)
                score = bleu.sentence_score(hypothesis, [stream[index] for stream in references])
                sentences.append(scored(bleu, score, corpus=name, index=index, setting=setting))
    for name, (hypotheses, references) in corpora.items():
        texts = [t for t in hypotheses + [r for stream in references[:1] for r in stream] if t is not None]
        for text in texts:
            tokens.append(dict(text=text, lower=text.lower(), tokens={
                t: BLEU(tokenize=t, force=True)._preprocess_segment(text).split()
                for t in ("13a", "zh", "char", "intl", "none")}))
    out = pathlib.Path(__file__).parents[2] / "Tests/SeqMetricsTests/Fixtures/bleu.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(dict(
        sacrebleu=sacrebleu.__version__,
        corpora={n: dict(hypotheses=h, references=r) for n, (h, r) in corpora.items()},
        cases=cases, sentences=sentences, tokens=tokens), ensure_ascii=True, indent=None,
        separators=(",", ":")).replace('},{"', '},\n{"') + "\n")
    print(out, out.stat().st_size, len(cases), len(sentences), len(tokens))


main()
