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


def groups():
    """Ten steps of every optimizer over parameter groups: the encoder at a tenth of the rate, vectors
    without weight decay, the table frozen. The first group that names a parameter has it."""
    steps, decay = 10, 0.1
    shapes = {
        "encoder.weight": (5, 6), "encoder.bias": (7,), "decoder.weight": (4, 9),
        "decoder.bias": (3,), "table": (6, 4), "output": (2, 20),
    }
    golden = Golden("optimizer_groups", 831, "parameter groups; row t after step t + 1")
    golden.constant("weight_decay", decay)
    initial, gradients = {}, {}
    for name, shape in shapes.items():
        initial[name] = golden.stored[f"parameter.{name}"] = golden.draw(shape, 1.0)
        gradients[name] = golden.stored[f"input.{name}"] = golden.draw((steps, *shape), 1.0)
    float32 = torch.finfo(torch.float32).eps
    for kind, rate, make in (
        ("sgd", 0.05, lambda p, **o: torch.optim.SGD(p, **o)),
        ("momentum", 0.05, lambda p, **o: torch.optim.SGD(p, momentum=0.9, **o)),
        ("adam", 0.01, lambda p, **o: torch.optim.Adam(p, **o)),
        ("adamw", 0.01, lambda p, **o: torch.optim.AdamW(p, **o)),
        ("adagrad", 0.1, lambda p, **o: torch.optim.Adagrad(p, **o)),
        ("adadelta", 1.0, lambda p, **o: torch.optim.Adadelta(p, **o)),
        ("rmsprop", 0.01, lambda p, **o: torch.optim.RMSprop(p, **o)),
        ("adafactor", 0.02, lambda p, **o: torch.optim.Adafactor(p, eps=(float32, 1e-3), **o)),
        ("lion", 0.01, lambda p, **o: Lion(p, betas=(0.9, 0.99), **o)),
    ):
        golden.constant(f"{kind}.learning_rate", rate)
        parameters = {
            name: nn.Parameter(torch.tensor(value, dtype=torch.float64))
            for name, value in initial.items()
        }
        parameters["table"].requires_grad_(False)
        slow = [parameters["encoder.weight"], parameters["encoder.bias"]]
        plain = [parameters["decoder.bias"]]
        usual = [parameters["decoder.weight"], parameters["output"]]
        update = make(
            [{"params": slow, "lr": rate * 0.1}, {"params": plain, "weight_decay": 0.0},
             {"params": usual}],
            lr=rate, weight_decay=decay)
        trace = {name: [] for name in shapes}
        for step in range(steps):
            for name, parameter in parameters.items():
                if parameter.requires_grad:
                    parameter.grad = torch.tensor(gradients[name][step], dtype=torch.float64)
            update.step()
            for name, parameter in parameters.items():
                trace[name].append(parameter.detach().clone())
        for name in shapes:
            golden.value(f"{kind}.{name}", torch.stack(trace[name]))
    yield golden


def accumulation():
    """Gradients of three batches added up, each loss over the rows of all three."""
    batches = [[0, 3, 3], [7], [3, 5, 1, 7, 0]]
    golden = Golden("accumulation", 841, "gradients of sum(tanh(table[rows] @ weight)²) / 9")
    table = golden.parameter("table", (9, 4))
    weight = golden.parameter("weight", (4, 5))
    total = sum(map(len, batches))
    for index, rows in enumerate(batches):
        golden.integers(f"rows.{index}", rows)
        ((table[rows] @ weight).tanh().square().sum() / total).backward()
    golden.value("table", table.grad)
    golden.value("weight", weight.grad)
    yield golden


def main():
    root = Path(__file__).resolve().parents[2]
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else root / "Tests" / "Goldens"
    torch.set_num_threads(1)
    for make in (elementwise, adafactor, groups, accumulation):
        for golden in make():
            golden.save(folder)


if __name__ == "__main__":
    main()
