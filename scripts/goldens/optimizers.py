#!/usr/bin/env python3
"""Makes Tests/Goldens/optimizer_*.safetensors: ten steps of each optimizer.

    python scripts/goldens/optimizers.py [FOLDER]           (default: Tests/Goldens)

Adam, gradient descent and momentum without weight decay are made by layers_make.py. Gradients
pass clip_grad_norm_ first and all is float64, as there. Row t of output.* is after step t + 1.
Lion, which PyTorch does not have, is a transcription of Chen and others 2023, algorithm 2.
"""

import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn

from layers_make import Golden, optimizer


class Lion(torch.optim.Optimizer):
    def __init__(self, parameters, lr, betas, weight_decay):
        super().__init__(parameters, {"lr": lr, "betas": betas, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            (beta1, beta2), rate = group["betas"], group["lr"]
            for value in group["params"]:
                momentum = self.state[value].setdefault("momentum", torch.zeros_like(value))
                c = beta1 * momentum + (1 - beta1) * value.grad
                value -= rate * (c.sign() + group["weight_decay"] * value)
                momentum.mul_(beta2).add_(value.grad, alpha=1 - beta2)


def elementwise():
    decay = 0.1
    for name, seed, kind, rate, settings in (
        ("sgd_decay", 801, torch.optim.SGD, 0.05, {}),
        ("nesterov", 802, torch.optim.SGD, 0.05, {"momentum": 0.9, "nesterov": True}),
        ("adam_decay", 803, torch.optim.Adam, 0.01, {}),
        ("adamw", 804, torch.optim.AdamW, 0.01, {}),
        ("adagrad", 805, torch.optim.Adagrad, 0.1, {"initial_accumulator_value": 0.25}),
        ("adadelta", 806, torch.optim.Adadelta, 1.0, {}),
        ("rmsprop", 807, torch.optim.RMSprop, 0.01, {}),
        ("rmsprop_centered", 808, torch.optim.RMSprop, 0.01, {"centered": True, "momentum": 0.9}),
        ("lion", 809, Lion, 0.01, {"betas": (0.9, 0.99)}),
    ):
        yield optimizer(
            f"optimizer_{name}", seed,
            lambda p: kind(p, lr=rate, weight_decay=decay, **settings),
            f"{kind.__name__} with {settings} and weight decay",
            {"learning_rate": rate, "weight_decay": decay},
        )


def adafactor():
    """A vector, a matrix and a stack of matrices; the last gradient has a column of zeros."""
    rate, decay, threshold, steps = 0.02, 0.1, 1.0, 10
    shapes = {"vector": (7,), "matrix": (5, 6), "stack": (2, 4, 3)}
    golden = Golden("optimizer_adafactor", 821, "torch.optim.Adafactor; row t after step t + 1")
    golden.constant("learning_rate", rate)
    golden.constant("weight_decay", decay)
    parameters, gradients, trace = {}, {}, {name: [] for name in shapes}
    for name, shape in shapes.items():
        initial = golden.draw(shape, 1.0)
        golden.stored[f"parameter.{name}"] = initial
        parameters[name] = nn.Parameter(torch.tensor(initial, dtype=torch.float64))
        growth = np.linspace(0.1, 2.0, steps).reshape(-1, *[1] * len(shape))
        drawn = (golden.draw((steps, *shape), 1.0) * growth).astype(np.float32)
        drawn[-1, ..., 0] = 0
        gradients[name] = drawn
        golden.stored[f"input.{name}"] = drawn
    # The default of epsilon1 is that of the type of parameters, which is float32 here.
    update = torch.optim.Adafactor(
        parameters.values(), lr=rate, eps=(torch.finfo(torch.float32).eps, 1e-3), d=threshold,
        weight_decay=decay)
    for step in range(steps):
        for name, parameter in parameters.items():
            parameter.grad = torch.tensor(gradients[name][step], dtype=torch.float64)
        update.step()
        for name, parameter in parameters.items():
            trace[name].append(parameter.detach().clone())
    for name in shapes:
        golden.value(name, torch.stack(trace[name]))
    yield golden


def main():
    root = Path(__file__).resolve().parents[2]
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else root / "Tests" / "Goldens"
    torch.set_num_threads(1)
    for make in (elementwise, adafactor):
        for golden in make():
            golden.save(folder)


if __name__ == "__main__":
    main()
