#!/usr/bin/env python3
"""Shows what check-data finds of pairs that do not belong together: every kind of damage done to good
corpora, and good ones that are left as they are, of several sizes, with fixed seeds.

    scripts/alignment_power.py [SEQ2SEQ] [DATA] [SIZE...]

SEQ2SEQ is the command (.build/release/seq2seq), DATA the folder of the corpora (../shared/data; ABSENT is
printed without it). A row is a corpus of a size; a cell is how many of the subsets were found damaged, of
how many. The row of "none" are false alarms.
"""
import gzip
import json
import os
import random
import subprocess
import sys
import tempfile

ALARMS = {"shifted", "unrelated_lines", "misaligned"}
SUBSETS = 3
CLEAN_SUBSETS = 10


def lines(path):
    opened = gzip.open(path, "rt", errors="replace", newline="\n") if path.endswith(".gz") else open(
        path, errors="replace", newline="\n")
    with opened as file:
        return [line.rstrip("\n") for line in file]


def files(source, target):
    return lambda data: list(zip(lines(f"{data}/{source}"), lines(f"{data}/{target}")))


def table(path, separator="\t"):
    return lambda data: [tuple(line.split(separator)[:2] if separator == "\t" else line.split(separator, 1))
                         for line in lines(f"{data}/{path}") if separator in line]


CORPORA = {
    "multi30k de-en": files("multi30k/train.de.gz", "multi30k/train.en.gz"),
    "tatoeba en-zh": table("tatoeba-cmn-eng/cmn.txt.gz"),
    "couplets": files("couplets/train.in.txt.gz", "couplets/train.out.txt.gz"),
    "opennmt en-de": files("opennmt-ende-10k/src-train.txt.gz", "opennmt-ende-10k/tgt-train.txt.gz"),
    "transliteration": table("translit-wikidata/wd_chinese_64"),
    "django": files("django-code/all.anno.gz", "django-code/all.code"),
    "cmudict": table("cmudict/cmudict.dict.gz", " "),
    "inflection de": table("sigmorphon2017/german-train-high"),
}


def shift(distance):
    def damage(targets, generator):
        distance_ = distance if abs(distance) * 4 <= len(targets) else None
        return None if distance_ is None else targets[distance_:] + targets[:distance_]
    return damage


def deleted(targets, generator):
    place = len(targets) // 3
    return targets[:place] + targets[place + 20:] + targets[:20]


def block(targets, generator):
    a, b = len(targets) // 4, len(targets) * 3 // 4
    return targets[:a] + targets[a + 30:b] + targets[a:a + 30] + targets[b:]


def alternating(targets, generator):
    out = list(targets)
    for line in range(0, len(out) - 1, 2):
        out[line], out[line + 1] = out[line + 1], out[line]
    return out


def odd(targets, generator):
    out = list(targets)
    own = out[1::2]
    out[1::2] = own[1:] + own[:1]
    return out


def shuffled(targets, generator):
    out = list(targets)
    generator.shuffle(out)
    return out


DAMAGES = {
    "none": lambda targets, generator: targets,
    **{f"{distance:+}": shift(distance) for distance in (1, -1, 2, 10, -10, 100, -500, 2000)},
    "20 lost": deleted, "block": block, "swapped": alternating, "odd": odd,
    "sorted": lambda targets, generator: sorted(targets), "shuffled": shuffled,
    "reversed": lambda targets, generator: targets[::-1],
}


def is_found(command, pairs, targets, folder):
    source, target = f"{folder}/s", f"{folder}/t"
    for path, texts in ((source, [pair[0] for pair in pairs]), (target, targets)):
        with open(path, "w", newline="\n") as file:
            file.writelines(text + "\n" for text in texts)
    result = subprocess.run(
        [command, "check-data", "--source", source, "--target", target, "--json"],
        capture_output=True, text=True)
    return any(finding["code"] in ALARMS and finding["severity"] == "error"
               for finding in json.loads(result.stdout)["findings"])


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    command = sys.argv[1] if len(sys.argv) > 1 else f"{here}/../.build/release/seq2seq"
    data = sys.argv[2] if len(sys.argv) > 2 else f"{here}/../../shared/data"
    sizes = [int(size) for size in sys.argv[3:]] or [100, 500, 2000, 10000]
    if not os.path.isdir(data):
        print("ABSENT: there is no folder", data)
        return
    print("| corpus | pairs |", " | ".join(DAMAGES), "|")
    print("|---|---|" + "---|" * len(DAMAGES))
    with tempfile.TemporaryDirectory() as folder:
        for name, load in CORPORA.items():
            pairs = load(data)
            for size in sizes:
                if size > len(pairs):
                    continue
                cells = []
                for kind, damage in DAMAGES.items():
                    found = tried = 0
                    for seed in range(CLEAN_SUBSETS if kind == "none" else SUBSETS):
                        generator = random.Random(f"{name} {size} {seed}")
                        start = generator.randrange(len(pairs) - size + 1)
                        subset = pairs[start:start + size]
                        targets = damage([pair[1] for pair in subset], generator)
                        if targets is None:
                            break
                        tried += 1
                        found += is_found(command, subset, targets, folder)
                    cells.append(f"{found}/{tried}" if tried else "")
                print(f"| {name} | {size} |", " | ".join(cells), "|", flush=True)


if __name__ == "__main__":
    main()
