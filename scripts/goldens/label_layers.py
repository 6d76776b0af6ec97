#!/usr/bin/env python3
"""Makes Tests/Goldens/conditional_random_field.safetensors with pytorch-crf.

    pip install torch pytorch-crf numpy safetensors
    python scripts/goldens/label_layers.py [FOLDER]          (default: Tests/Goldens)

Conventions and names are those of layers_make.py; transitions are [from, to], as there.
"""

import sys
from pathlib import Path

import numpy as np
import torch
from layers_make import LENGTHS, Golden, rounded
from torch.nn.utils.rnn import pad_sequence
from torchcrf import CRF

LABELS = 6


def conditional_random_field() -> Golden:
    golden = Golden(
        "conditional_random_field", 811, "torchcrf.CRF: -log-likelihood summed, and decode()"
    )
    golden.integers("lengths", LENGTHS)
    steps = sum(LENGTHS)
    targets = golden.integers("targets", golden.random.integers(0, LABELS, steps))
    emissions = golden.input("emissions", (steps, LABELS), 2.0)
    crf = CRF(LABELS, batch_first=True).double()
    for name, ours in [("transitions", "transitions"), ("start_transitions", "begin"), ("end_transitions", "end")]:
        shape = tuple(getattr(crf, name).shape)
        leaf = golden.parameter(ours, shape, 1.0)
        delattr(crf, name)
        setattr(crf, name, leaf)
    padded = pad_sequence(torch.split(emissions, LENGTHS), batch_first=True)
    labels = pad_sequence(torch.split(targets, LENGTHS), batch_first=True)
    mask = pad_sequence([torch.ones(n, dtype=torch.bool) for n in LENGTHS], batch_first=True)
    loss = -crf(padded, labels, mask=mask, reduction="sum")
    golden.value("loss", loss[None])
    paths = [label for path in crf.decode(padded, mask=mask) for label in path]
    golden.stored["output.paths"] = np.asarray(paths, dtype=np.int32)
    for name, gradient in zip(golden.leaves, torch.autograd.grad(loss, list(golden.leaves.values()))):
        golden.stored[f"gradient.{name}"] = rounded(gradient)
    return golden


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[2] / "Tests/Goldens"
    conditional_random_field().save(folder)
