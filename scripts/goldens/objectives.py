#!/usr/bin/env python3
"""Makes Tests/Goldens/objective_*.safetensors: losses of training beyond the cross-entropy.

    python scripts/goldens/objectives.py [FOLDER]          (default: Tests/Goldens)

Conventions and names are those of layers_make.py.
"""

import sys
from pathlib import Path

import torch
import torch.nn.functional as F
from layers_make import Golden, rounded

SMOOTHING, ALPHA = 0.1, 3.0
ROWS, HIDDEN, VOCABULARY = 150, 7, 23


def differentiate(golden: Golden, loss):
    for name, gradient in zip(
        golden.leaves, torch.autograd.grad(loss, list(golden.leaves.values()))
    ):
        golden.stored[f"gradient.{name}"] = rounded(gradient)


def r_drop():
    """Wu et al. 2021, eq. 4, halved and weighted: the rows of `hidden` are those of the
    two passes by turns. More rows than a block of the fused operation has."""
    golden = Golden("objective_r_drop", 901, "R-Drop with label smoothing and weights")
    hidden = golden.input("hidden", (2 * ROWS, HIDDEN))
    weight = golden.parameter("weight", (HIDDEN, VOCABULARY))
    bias = golden.parameter("bias", (VOCABULARY,))
    targets = golden.integers("targets", golden.random.integers(0, VOCABULARY, ROWS))
    weights = golden.draw((ROWS,), 1.0)
    golden.stored["input.weights"] = weights
    weights = torch.tensor(weights, dtype=torch.float64)
    golden.constant("label_smoothing", SMOOTHING)
    golden.constant("alpha", ALPHA)
    logits = (hidden @ weight + bias).reshape(ROWS, 2, VOCABULARY)
    passes = [logits[:, 0], logits[:, 1]]
    p, q = (logits.log_softmax(-1) for logits in passes)

    def cross_entropy(logits, smoothing):
        return F.cross_entropy(logits, targets, reduction="none", label_smoothing=smoothing)

    def divergence(a, b):
        return F.kl_div(b, a, reduction="none", log_target=True).sum(-1)

    entropy = sum(cross_entropy(logits, SMOOTHING) for logits in passes)
    likelihood = sum(cross_entropy(logits, 0.0) for logits in passes)
    loss = entropy + ALPHA / 2 * (divergence(p, q) + divergence(q, p))
    golden.value("likelihood", (likelihood / 2).sum()[None])
    golden.value("smoothed_loss", (weights * entropy / 2).sum()[None])
    objective = (weights * loss / 2).sum()
    golden.value("objective", objective[None])
    differentiate(golden, objective)
    yield golden


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[2] / "Tests/Goldens")
    for golden in r_drop():
        golden.save(folder)


if __name__ == "__main__":
    main()
