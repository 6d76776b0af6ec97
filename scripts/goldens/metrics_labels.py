#!/usr/bin/env python3
"""Writes Tests/SeqMetricsTests/Fixtures/labels.json: what seqeval says of spans and scikit-learn of labels,
on labels drawn at random.

Run from the root of the repository:
    pip install seqeval scikit-learn
    python3 scripts/goldens/metrics_labels.py
"""
import importlib.metadata
import json
import pathlib
import random
import warnings

import sklearn.metrics
from seqeval.metrics import classification_report
from seqeval.metrics.sequence_labeling import get_entities
from seqeval.scheme import BILOU

warnings.filterwarnings("ignore")


def labels(draw, count, prefixes, types):
    """Labels that keep to no scheme."""
    made = [draw.choice(prefixes) for _ in range(count)]
    return [p if p == "O" or not types else f"{p}-{draw.choice(types)}" for p in made]


def bilou(draw, count, types):
    """Labels that keep to BILOU."""
    made = []
    while len(made) < count:
        kind, length = draw.choice(types), draw.choice([0, 0, 1, 2, 4])
        if length == 0:
            made.append("O")
        elif length == 1:
            made.append(f"U-{kind}")
        else:
            made += [f"B-{kind}"] + [f"I-{kind}"] * (length - 2) + [f"L-{kind}"]
    return made


def disturbed(draw, tags, others):
    return [draw.choice(others) if draw.random() < 0.2 else tag for tag in tags]


def span_case(draw, name, expected, predicted, **options):
    report = classification_report(expected, predicted, output_dict=True, zero_division=0, **options)
    figures = {key: [row["precision"], row["recall"], row["f1-score"]] for key, row in report.items()}
    case = {"name": name, "expected": expected, "predicted": predicted, "figures": figures}
    if not options:
        case["spans"] = [[[t, s, e + 1] for t, s, e in get_entities(tags)] for tags in predicted]
    return case


def main():
    draw = random.Random(5)
    spans = []
    for number in range(12):
        prefixes = ["BIO", "BIOES", "IO", "BIES", "BIO"][number % 5]
        types = [["x"], ["x", "y", "z-w"], []][number % 3]
        expected = [labels(draw, draw.randrange(1, 14), prefixes, types) for _ in range(20)]
        predicted = [disturbed(draw, tags, labels(draw, 9, prefixes, types)) for tags in expected]
        spans.append(span_case(draw, f"random {number} {prefixes} {types}", expected, predicted))
    spans.append(span_case(draw, "nothing predicted", [["B-x", "I-x"]], [["O", "O"]]))
    spans.append(span_case(draw, "nothing expected", [["O", "O"]], [["B-x", "O"]]))
    expected = [bilou(draw, 9, ["x", "y"]) for _ in range(30)]
    predicted = [bilou(draw, len(tags), ["x", "y"])[: len(tags)] for tags in expected]
    # What is cut off at the end must keep to the scheme too.
    predicted = [
        found if draw.random() < 0.5 and len(found) == len(tags) and found[-1][0] in "OLU" else tags
        for found, tags in zip(predicted, expected)
    ]
    spans.append(span_case(draw, "BILOU", expected, predicted, mode="strict", scheme=BILOU))
    classes = []
    for number, names in enumerate([["a", "b"], ["a", "b", "c", "d", "e"], ["a"]]):
        expected = [draw.choice(names) for _ in range(60)]
        predicted = disturbed(draw, expected, names + ["f"])
        figures = {
            average: list(sklearn.metrics.precision_recall_fscore_support(
                expected, predicted, average=average, zero_division=0)[:3])
            for average in ["micro", "macro", "weighted"]
        }
        classes.append({
            "expected": expected, "predicted": predicted, "figures": figures,
            "accuracy": sklearn.metrics.accuracy_score(expected, predicted)})
    out = {
        "seqeval": importlib.metadata.version("seqeval"), "sklearn": sklearn.__version__,
        "spans": spans, "classes": classes}
    path = pathlib.Path("Tests/SeqMetricsTests/Fixtures/labels.json")
    path.write_text(json.dumps(out, ensure_ascii=False) + "\n")


main()
