#!/usr/bin/env python3
"""Makes Tests/Goldens/learning_rates.safetensors: the learning rate of each of 21 updates
under every schedule that PyTorch has, or under a LambdaLR that states the formula.

    python scripts/goldens/learning_rates.py [FILE]

Each update is `optimizer.step(); scheduler.step()`, as PyTorch's documentation has it.
A warm-up of w updates is a LinearLR from 1/w that reaches the whole rate in update w.
"""

import sys
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file
from torch.optim import lr_scheduler as s

BASE, UPDATES, WARMUP, HIDDEN = 0.01, 21, 5, 8
PERIOD = UPDATES - 1  # PyTorch's cycle ends with its last step, not after it


def warm(schedule):
    def make(optimizer):
        linear = s.LinearLR(optimizer, start_factor=1 / WARMUP, total_iters=WARMUP - 1)
        return s.SequentialLR(optimizer, [linear, schedule(optimizer)], milestones=[WARMUP])

    return make


SCHEDULES = {
    "constant": lambda o: s.ConstantLR(o, factor=1.0, total_iters=0),
    "step": lambda o: s.StepLR(o, step_size=4, gamma=0.5),
    "exponential": lambda o: s.ExponentialLR(o, gamma=0.8),
    "cosine": lambda o: s.CosineAnnealingLR(o, T_max=PERIOD, eta_min=0.001),
    "cosine_restarts": lambda o: s.CosineAnnealingWarmRestarts(o, T_0=6, eta_min=0.001),
    "polynomial": lambda o: s.PolynomialLR(o, total_iters=12, power=2.0),
    "one_cycle": lambda o: s.OneCycleLR(
        o, max_lr=BASE, total_steps=UPDATES, pct_start=(0.3 * PERIOD + 1) / UPDATES,
        cycle_momentum=False,
    ),
    # Ott et al. 2018: fairseq's inverse_sqrt, from the update that reaches the whole rate.
    "inverse_square_root": lambda o: s.LambdaLR(
        o, lambda i: min((i + 1) / WARMUP, (WARMUP / (i + 1)) ** 0.5)
    ),
    # Vaswani et al. 2017, eq. 3.
    "noam": lambda o: s.LambdaLR(
        o, lambda i: HIDDEN**-0.5 * min((i + 1) ** -0.5, (i + 1) * WARMUP**-1.5)
    ),
    "warm_constant": warm(lambda o: s.ConstantLR(o, factor=1.0, total_iters=0)),
    "warm_step": warm(lambda o: s.StepLR(o, step_size=4, gamma=0.5)),
    "warm_cosine_restarts": warm(lambda o: s.CosineAnnealingWarmRestarts(o, T_0=6, eta_min=0.001)),
    # Held for nine updates: the formula of PyTorch's StepLR and ExponentialLR from then on.
    "start_step": lambda o: s.LambdaLR(o, lambda i: 0.5 ** (max(0, i - 9) // 3)),
    "start_exponential": lambda o: s.LambdaLR(o, lambda i: 0.8 ** max(0, i - 9)),
    "warm_start_step": warm(lambda o: s.LambdaLR(o, lambda i: 0.5 ** (max(0, i - 9 + WARMUP) // 3))),
    "warm_polynomial": warm(lambda o: s.PolynomialLR(o, total_iters=12, power=2.0)),
}


def rates(make):
    parameter = torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))
    optimizer = torch.optim.SGD([parameter], lr=BASE)
    scheduler = make(optimizer)
    found = []
    for _ in range(UPDATES):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if len(found) < UPDATES:
            scheduler.step()
    return np.asarray(found, dtype=np.float32)


if __name__ == "__main__":
    default = Path(__file__).parents[2] / "Tests/Goldens/learning_rates.safetensors"
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    save_file({name: rates(make) for name, make in SCHEDULES.items()}, path)
