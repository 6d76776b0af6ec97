#!/usr/bin/env python3
"""Writes Tests/SeqMetricsTests/Fixtures/errors.json: what sacreBLEU says of chrF and TER, and jiwer of WER
and CER, on sentences made up here.

Run from the root of the repository with sacrebleu 2.x and jiwer 4.x installed:
    python3 scripts/goldens/metrics_errors.py
"""
import importlib.metadata
import json
import pathlib
import random

import jiwer
import sacrebleu
from sacrebleu.metrics import CHRF, TER

CORPORA = {
    "english": (
        ["The cat sat quietly on the old mat.", "It rained all day, so we stayed inside.",
         "He doesn't know what he's talking about!", "Are we there yet?", "(hi) ...what?! \"Yes\" 'no' -a- b- -c"],
        [["The cat was sitting quietly on the old mat.", "It rained all day long, so we stayed in.",
          "He does not know what he is talking about!", "Are we nearly there?", "(hi there) what?! 'Yes' \"no\" a -b- c"]]),
    "shifts": (
        ["yesterday the old man bought a red bicycle for his grandson", "a b c d e f g h i j",
         "one two three four five six", "in the morning she reads she reads in the morning", "x y x y x y z"],
        [["the old man bought for his grandson a red bicycle yesterday", "f g h i j a b c d e",
          "six five four three two one", "she reads in the morning in the morning she reads", "z x y x y y x"]]),
    "german": (
        ["Der Bäcker öffnet um sieben Uhr früh.", "Größe und Maß müssen genau stimmen.",
         "„Übermorgen“, sagte er, „fährt der Zug nach Köln.“"],
        [["Der Bäcker öffnet morgens um sieben Uhr.", "Die Größe und das Maß müssen genau stimmen.",
          "„Übermorgen“, sagte sie, „fährt der Zug nach Köln ab.“"]]),
    "chinese": (
        ["我每天早上七点起床，然后去公园跑步。", "这本书的价格是￥35.50，比网上贵10%。", "他说：“今天的天气真好！”「㍿㊑豈︰」"],
        [["我每天早晨七点起床，然后到公园跑步。", "这本书卖￥35.50，比网上贵了10%。", "他说：“今天天气真好！”（㍿㊑豈︰）"]]),
    "japanese": (
        ["これはペンです。ｱｲｳ・ｴｵ ＡＢＣ１２３！", "ひらがな", "カタカナ と ひらがな", "ㇰㇱ 東京へ行きます。"],
        [["これはペンだ。ｱｲｳ・ｴ ABC123!", "ひらがなです", "ひらがな と カタカナ", "ㇰ 京都へ行く。"]]),
    "mixed": (
        ["我用 Swift 6.2 写了一个 seq2seq 程序。", "GPU价格涨了15%,CPU没变.", "Emoji 👍🏽 und 中文 mixed—why not?"],
        [["我用 Swift 6 写了一个 seq2seq 的程序。", "GPU的价格涨了15%，CPU没有变。", "Emoji 👍🏽 and 中文 mixed – why not?"]]),
    "scripts": (
        ["«Привет», — сказал он; цена 5₽.", "مرحبا، كيف حالك؟ ٣٫٥", "हिन्दी में १२.५ है।", "𠀀𠀁 古字 𝟙𝟚 ½ ² ④", "안녕하세요 세계"],
        [["«Привет», — сказала она; цена 5 ₽.", "مرحبا، كيف الحال؟ ٣٫٥", "हिंदी में १२.५ है।", "𠀀𠀁 的古字 𝟙𝟚 ½ ² ④", "세계여 안녕하세요"]]),
    "numbers": (
        ["It costs $1,234.56 (about 1.100,50 €).", "Born in 1984-05-17, he ran 10-12 km.", "Call 555-1234 at 9.30 a.m., not 10..."],
        [["It costs $1,234.56 (roughly 1.100,50 €).", "Born on 1984-05-17, he ran 10–12 km.", "Call 555-1234 at 9:30 a.m., not 10…"]]),
    "symbols": (
        ["a+b=c & x<y, {z}~^|\\ `q` @home #tag_1 50% [ok]/no; *star*", "&quot;Tom &amp; Jerry&quot; &lt;tag&gt; &amp;lt; it's Tom's",
         "wait... what?!,,. -- 5--6 'quoted' it's", "Tom's 's ''s s's"],
        [["a + b = c & x < y, {z} ~ ^ | \\ `q` @home #tag_1 50 % [ok] / no; *star*", "\"Tom & Jerry\" <tag> &lt; it is Tom's",
          "wait… what?!, . -- 5-6 'quoted' it is", "Tom 's 's s's"]]),
    "empty_hypothesis": (
        ["", "something is here all right", "  "], [["there is a sentence here", "something is here all right", "blank"]]),
    "all_empty": (["", ""], [["", ""]]),
    "empty_reference": (["some words are here now", "more", "x"], [["", "", "x y"]]),
    "only_empty_references": (["some words are here now", "more"], [["", ""]]),
    "hypotheses_empty_only": (["", ""], [["one two three", "four"]]),
    "identical": (["Exactly the same sentence.", "And another one."], [["Exactly the same sentence.", "And another one."]]),
    "nothing_matches": (["alpha beta gamma"], [["πσω ψχ φυτ ξζ"]]),
    "short": (["yes", "no way", "a", "."], [["yes", "no", "b", "!"]]),
    "two_references": (
        ["The quick fox jumps over the dog.", "Tea is ready now", "Das ist gut so."],
        [["A quick brown fox jumped over the dog.", "The tea is ready", "So ist das gut."],
         ["The fast fox jumps over a lazy dog.", "Tea will be ready now, dear", "Das ist schon gut so."]]),
    "absent_references": (
        ["The lamp is on the table.", "He came home late.", "It works, finally."],
        [["The lamp stands on the table.", None, "It finally works."], [None, "He came home very late.", "It works at last."]]),
    "case": (
        ["THE END IS NEAR, ÄRGER UND ÖL", "ΟΔΟΣ ΤΗΣ ΠΌΛΗΣ. ΑΣ", "İstanbul DŽ Ⅷ ẞ ΣΣ Σ"],
        [["the end is near, ärger und öl", "οδος της πόλης. ας", "i̇stanbul dž ⅷ ß σς σ"]]),
    "spaces": (
        ["  leading and\ttabs\u00a0nbsp\u3000wide  ", "a \t b\t\tc\u2009d", "zero\u200bwidth line\u2028sep\x1funit\x85next \u2009thin.\u2009"],
        [["leading and tabs nbsp wide", "a b c d", "zero\u200bwidth line sep unit next thin."]]),
    "newlines": (["a hyphen\n-ated word\nand more.\n"], [["a hyphenated word and more."]]),
    "combining": (["café cafe\u0301 nai\u0308ve 👩‍👩‍👧 🇩🇪 q\u0323\u0307"], [["cafe\u0301 café naïve 👩‍👩‍👧 🇩🇪 q\u0307\u0323"]]),
}

TER_SETTINGS = [dict(), dict(normalized=True), dict(no_punct=True), dict(case_sensitive=True),
                dict(normalized=True, asian_support=True), dict(no_punct=True, asian_support=True),
                dict(normalized=True, no_punct=True, asian_support=True, case_sensitive=True)]
CHRF_SETTINGS = [dict(), dict(word_order=2), dict(lowercase=True), dict(word_order=2, lowercase=True),
                 dict(word_order=1, char_order=4, beta=3), dict(char_order=1)]


def random_corpus(seed, count, length):
    """Sentences of random pieces, and the same with words replaced, moved, dropped and doubled."""
    draw = random.Random(seed)
    pieces = ["the", "a", "of", "Haus", "über", "1", "4.5", "6,7", ".", ",", "-", "...", "!", "%", "“", "„", "'s", "\"", "(", ")",
              "&amp;", "我", "们", "，", "。", "½", "👍", "e\u0301", "\u00a0", "Σ", "ß", "a.b", "1-a"]

    def sentence():
        return "".join(draw.choice(pieces) + draw.choice(["", " ", " ", "  "]) for _ in range(draw.randint(0, length)))

    def edited(text):
        words = text.split(" ")
        for _ in range(draw.randint(0, 1 + len(words) // 4)):
            place = draw.randrange(len(words)) if words else 0
            action = draw.random()
            if not words or action < 0.2:
                words.insert(place, draw.choice(pieces))
            elif action < 0.4:
                words[place] = draw.choice(pieces)
            elif action < 0.5:
                del words[place]
            else:
                size = draw.randint(1, 4)
                phrase = words[place:place + size]
                del words[place:place + size]
                target = draw.randint(0, len(words))
                words[target:target] = phrase
        return " ".join(words)

    references = [sentence() for _ in range(count)]
    return [edited(r) for r in references], [references, [edited(r) for r in references]]


def long_corpus(seed):
    """Lines at which TER meets its limits: the beam, the distance of shifts, the number of trials."""
    draw = random.Random(seed)
    base = [f"w{draw.randrange(40)}" for _ in range(150)]
    turned = base[70:] + base[:70]
    far = base[:3] + base[60:] + base[3:60]
    return ([" ".join(turned), " ".join(far), " ".join(base[:5]), " ".join(base), "a b " * 40, "x"],
            [[" ".join(base), " ".join(base), " ".join(base), " ".join(base[40:45]), "b a " * 30,
              " ".join(base[:60])]])


def signature(metric):
    return metric.get_signature().format().rsplit("|version:", 1)[0]


def main():
    corpora = dict(CORPORA)
    for seed in range(3):
        corpora[f"random_{seed}"] = random_corpus(seed, 25, 30)
    corpora["long"] = long_corpus(7)
    cases = []
    for name, (hypotheses, references) in corpora.items():
        for kind, make, settings in (("chrf", CHRF, CHRF_SETTINGS), ("ter", TER, TER_SETTINGS)):
            for setting in settings:
                metric = make(**setting)
                score = metric.corpus_score(hypotheses, references)
                case = dict(kind=kind, corpus=name, setting=setting, score=score.score, signature=signature(metric))
                case["sentences"] = [
                    make(**setting).sentence_score(h, [s[i] for s in references if s[i] is not None]).score
                    for i, h in enumerate(hypotheses)]
                case["text"] = score.format(signature="SIGNATURE")
                cases.append(case)
        if "absent" in name:
            continue
        for kind, rate in (("wer", jiwer.wer), ("cer", jiwer.cer)):
            cases.append(dict(kind=kind, corpus=name, setting={}, score=100 * rate(references[0], hypotheses),
                              sentences=[100 * rate(r, h) for r, h in zip(references[0], hypotheses)]))
    out = pathlib.Path(__file__).parents[2] / "Tests/SeqMetricsTests/Fixtures/errors.json"
    out.write_text(json.dumps(dict(
        sacrebleu=sacrebleu.__version__, jiwer=importlib.metadata.version("jiwer"),
        corpora={n: dict(hypotheses=h, references=r) for n, (h, r) in corpora.items()},
        cases=cases), ensure_ascii=True, indent=None, separators=(",", ":")).replace('},{"', '},\n{"') + "\n")
    print(out, out.stat().st_size, len(cases))


main()
