#!/usr/bin/env python3
"""Makes Tests/Goldens/conditional_random_field.safetensors with pytorch-crf, and Tests/Goldens/pooled_*.safetensors.

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


def pooled(pooling: str, seed: int) -> Golden:
    """The cross-entropy, summed, of one label for each sequence."""
    golden = Golden(f"pooled_{pooling}", seed, f"{pooling} over steps, a linear layer, cross-entropy")
    golden.integers("lengths", LENGTHS)
    targets = golden.integers("targets", golden.random.integers(0, LABELS, len(LENGTHS)))
    width = 7
    steps = golden.input("steps", (sum(LENGTHS), width))
    weight = golden.parameter("weight", (width, LABELS))
    bias = golden.parameter("bias", (LABELS,))
    sequences = torch.split(steps, LENGTHS)
    if pooling == "mean":
        vectors = [sequence.mean(0) for sequence in sequences]
    elif pooling == "max":
        vectors = [sequence.max(0).values for sequence in sequences]
    elif pooling == "last":
        vectors = [sequence[-1] for sequence in sequences]
    else:
        key = golden.parameter("pooling.weight", (width, width))
        key_bias = golden.parameter("pooling.bias", (width,))
        query = golden.parameter("pooling.query", (width, 1))
        vectors = [
            torch.softmax((sequence @ key + key_bias).tanh() @ query, 0).T @ sequence
            for sequence in sequences
        ]
    logits = torch.stack([vector.reshape(-1) for vector in vectors]) @ weight + bias
    loss = torch.nn.functional.cross_entropy(logits, targets, reduction="sum")
    golden.value("loss", loss[None])
    golden.value("log_probabilities", torch.log_softmax(logits, 1))
    for name, gradient in zip(golden.leaves, torch.autograd.grad(loss, list(golden.leaves.values()))):
        golden.stored[f"gradient.{name}"] = rounded(gradient)
    return golden


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[2] / "Tests/Goldens"
    conditional_random_field().save(folder)
    for number, name in enumerate(["last", "mean", "max", "attention"]):
        pooled(name, 821 + number).save(folder)
