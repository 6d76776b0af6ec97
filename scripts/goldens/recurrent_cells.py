#!/usr/bin/env python3
"""Makes Tests/Goldens/cell_*.safetensors: reference outputs and gradients of recurrent cells.

    python scripts/goldens/recurrent_cells.py [FOLDER]          (default: Tests/Goldens)

Where PyTorch has the layer (nn.RNN, nn.GRU), the numbers are PyTorch's, on a batch packed by
pack_padded_sequence, and `Transcription` is checked against it; elsewhere they are those of
`Transcription`, the formulas of the paper, with PyTorch's automatic gradients.

Conventions are those of layers_make.py; states are `initial.N` and `final.N`, hidden first.
"""

import sys
from pathlib import Path

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from layers_make import LENGTHS, Golden, split

INPUTS, HIDDEN = 13, 19
EPSILON = 1e-5


def normalized(x, gain, bias=0):
    """Layer normalisation (Ba et al. 2016, eq. 15 and 16) of the last dimension."""
    mean = x.mean(-1, keepdim=True)
    variance = ((x - mean) ** 2).mean(-1, keepdim=True)
    return (x - mean) / (variance + EPSILON).sqrt() * gain + bias


class Transcription:
    """One step of each cell on vectors: step(parameters, x or None, state) -> state."""

    def rnn_tanh(p, x, state):
        return [torch.tanh(share(p, x) + p["bias"] + state[0] @ p["recurrent_weight"])]

    def rnn_relu(p, x, state):
        return [torch.relu(share(p, x) + p["bias"] + state[0] @ p["recurrent_weight"])]

    def gru(p, x, state):
        h = state[0]
        xr, xz, xn = (share(p, x) + p["bias"]).chunk(3, -1)
        hr, hz, hn = (h @ p["recurrent_weight"]).chunk(3, -1)
        r, z = torch.sigmoid(xr + hr), torch.sigmoid(xz + hz)
        n = torch.tanh(xn + r * (hn + p["candidate_bias"]))
        return [(1 - z) * n + z * h]

    def gru_original(p, x, state):
        """Cho et al. 2014, appendix A.1.1."""
        h = state[0]
        xr, xz, xn = (share(p, x) + p["bias"]).chunk(3, -1)
        hr, hz = (h @ p["recurrent_weight"]).chunk(2, -1)
        r, z = torch.sigmoid(xr + hr), torch.sigmoid(xz + hz)
        n = torch.tanh(xn + (r * h) @ p["candidate_weight"])
        return [z * h + (1 - z) * n]

    def layer_norm_lstm(p, x, state):
        """Ba et al. 2016, eq. 20 to 22."""
        h, c = state
        gates = (
            normalized(h @ p["recurrent_weight"], p["recurrent_gain"])
            + normalized(share(p, x), p["input_gain"])
            + p["bias"]
        )
        i, f, g, o = gates.chunk(4, -1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return [torch.sigmoid(o) * torch.tanh(normalized(c, p["cell_gain"], p["cell_bias"])), c]

    def layer_norm_gru(p, x, state):
        """Ba et al. 2016, eq. 26 to 28, with 1 - z for z."""
        h, gates = state[0], 2 * HIDDEN
        xs, hs = share(p, x), h @ p["recurrent_weight"]
        rz = normalized(xs[..., :gates], p["input_gain"][:gates], p["bias"][:gates]) + normalized(
            hs[..., :gates], p["recurrent_gain"][:gates]
        )
        r, z = torch.sigmoid(rz).chunk(2, -1)
        n = torch.tanh(
            normalized(xs[..., gates:], p["input_gain"][gates:], p["bias"][gates:])
            + r * normalized(hs[..., gates:], p["recurrent_gain"][gates:], p["candidate_bias"])
        )
        return [(1 - z) * n + z * h]

    def sru(p, x, state):
        """Lei et al. 2018, eq. 1 to 4, with a projection in the highway. The hidden state does not
        enter the step; its gradient is zero."""
        h, c = state
        candidate, f, r, highway = share(p, x).chunk(4, -1)
        (vf, vr), (bf, br) = p["recurrent_weight"].chunk(2), p["bias"].chunk(2)
        f, r = torch.sigmoid(f + vf * c + bf), torch.sigmoid(r + vr * c + br)
        c = f * c + (1 - f) * candidate
        return [r * c + (1 - r) * highway + 0 * h, c]

    def deep_transition_gru(p, x, state):
        """Pascanu et al. 2014: a GRU on the input, then one on its state alone."""
        deeper = {k.removeprefix("transitions.0."): v for k, v in p.items() if "." in k}
        return Transcription.gru(deeper, None, Transcription.gru(p, x, state))


def share(p, x):
    return 0 if x is None else x @ p["input_weight"]


def gru_shapes(inputs):
    shapes = {"input_weight": (inputs, 3 * HIDDEN)} if inputs else {}
    return shapes | {
        "bias": (3 * HIDDEN,),
        "recurrent_weight": (HIDDEN, 3 * HIDDEN),
        "candidate_bias": (HIDDEN,),
    }


RNN = {
    "input_weight": (INPUTS, HIDDEN),
    "recurrent_weight": (HIDDEN, HIDDEN),
    "bias": (HIDDEN,),
}
# Parameters and the number of tensors in a state.
CELLS = {
    "rnn_tanh": (RNN, 1),
    "rnn_relu": (RNN, 1),
    "gru": (gru_shapes(INPUTS), 1),
    "gru_original": (
        {
            "input_weight": (INPUTS, 3 * HIDDEN),
            "bias": (3 * HIDDEN,),
            "recurrent_weight": (HIDDEN, 2 * HIDDEN),
            "candidate_weight": (HIDDEN, HIDDEN),
        },
        1,
    ),
    "layer_norm_lstm": (
        {
            "input_weight": (INPUTS, 4 * HIDDEN),
            "recurrent_weight": (HIDDEN, 4 * HIDDEN),
            "bias": (4 * HIDDEN,),
            "input_gain": (4 * HIDDEN,),
            "recurrent_gain": (4 * HIDDEN,),
            "cell_gain": (HIDDEN,),
            "cell_bias": (HIDDEN,),
        },
        2,
    ),
    "layer_norm_gru": (
        gru_shapes(INPUTS) | {"input_gain": (3 * HIDDEN,), "recurrent_gain": (3 * HIDDEN,)},
        1,
    ),
    "sru": (
        {
            "input_weight": (INPUTS, 4 * HIDDEN),
            "recurrent_weight": (2 * HIDDEN,),
            "bias": (2 * HIDDEN,),
        },
        2,
    ),
    "deep_transition_gru": (
        gru_shapes(INPUTS) | {f"transitions.0.{k}": s for k, s in gru_shapes(0).items()},
        1,
    ),
}
MODULES = {"rnn_tanh": nn.RNN, "rnn_relu": nn.RNN, "gru": nn.GRU}


def transcribe(cell, leaves, ways):
    """Outputs and final states, sequence by sequence."""
    result, sides = {}, []
    for way in ways:
        prefix = f"{way}."
        p = {k.removeprefix(prefix): v for k, v in leaves.items() if k.startswith(prefix)}
        outputs, finals = [], []
        for sequence, x in enumerate(split(leaves["x"], LENGTHS)):
            state = [p[f"initial.{part}"][sequence] for part in range(CELLS[cell][1])]
            steps = []
            for row in x if way == "forward" else x.flip(0):
                state = getattr(Transcription, cell)(p, row, state)
                steps.append(state[0])
            outputs += steps if way == "forward" else steps[::-1]
            finals.append(state)
        for part in range(CELLS[cell][1]):
            result[f"{way}.final.{part}"] = torch.stack([state[part] for state in finals])
        sides.append(torch.stack(outputs))
    return {"y": torch.cat(sides, 1)} | result


def torch_layer(cell, leaves, ways):
    """The same by nn.RNN or nn.GRU."""
    options = {} if cell == "gru" else {"nonlinearity": cell.removeprefix("rnn_")}
    module = MODULES[cell](
        INPUTS, HIDDEN, bidirectional=len(ways) == 2, batch_first=True, dtype=torch.float64, **options
    )
    weights = {}
    for way, names in zip(ways, module._all_weights):
        bias = leaves[f"{way}.bias"]
        second = torch.zeros_like(bias)
        if cell == "gru":
            second = torch.cat([second[HIDDEN:], leaves[f"{way}.candidate_bias"]])
        values = [leaves[f"{way}.input_weight"].T, leaves[f"{way}.recurrent_weight"].T, bias, second]
        weights |= dict(zip(names, values))
    packed = pack_padded_sequence(
        nn.utils.rnn.pad_sequence(split(leaves["x"], LENGTHS), batch_first=True),
        torch.tensor(LENGTHS), batch_first=True, enforce_sorted=False,
    )
    state = torch.stack([leaves[f"{way}.initial.0"] for way in ways])
    packed, h = torch.func.functional_call(module, weights, (packed, state))
    padded, _ = pad_packed_sequence(packed, batch_first=True)
    y = torch.cat([row[:length] for row, length in zip(padded, LENGTHS)])
    return {"y": y} | {f"{way}.final.0": h[i] for i, way in enumerate(ways)}


def make(cell: str, seed: int, bidirectional: bool) -> Golden:
    ways = ["forward", "backward"] if bidirectional else ["forward"]
    suffix = "bidirectional" if bidirectional else "unidirectional"
    golden = Golden(
        f"cell_{cell}_{suffix}", seed,
        f"{cell}, {'PyTorch' if cell in MODULES else 'transcribed'}; final states are those after "
        "a direction's last step: the sequence's last step forward, its first step backward",
    )
    golden.integers("lengths", LENGTHS)
    golden.input("x", (sum(LENGTHS), INPUTS))
    shapes, parts = CELLS[cell]
    for way in ways:
        for name, shape in shapes.items():
            golden.parameter(f"{way}.{name}", shape)
        for part in range(parts):
            golden.input(f"{way}.initial.{part}", (len(LENGTHS), HIDDEN), 0.7)
    outputs = (torch_layer if cell in MODULES else transcribe)(cell, golden.leaves, ways)
    golden.differentiate(outputs)

    def transcription(values):
        leaves = {name: torch.tensor(value) for name, value in values.items()}
        return {name: value.numpy() for name, value in transcribe(cell, leaves, ways).items()}

    golden.check(transcription, tuple(outputs))
    return golden


def main():
    default = Path(__file__).resolve().parents[2] / "Tests" / "Goldens"
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    for index, cell in enumerate(CELLS):
        for bidirectional in (False, True) if cell in MODULES else (True,):
            make(cell, 700 + 10 * index + bidirectional, bidirectional).save(folder)


if __name__ == "__main__":
    main()
