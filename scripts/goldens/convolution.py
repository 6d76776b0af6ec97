#!/usr/bin/env python3
"""Makes the goldens of convolutional layers: Tests/Goldens/{convolution,convs2s,character}_*.

    python scripts/goldens/convolution.py [FOLDER]          (default: Tests/Goldens)

Conventions and names are those of layers_make.py; names of parameters are the keys of
our checkpoints. A kernel is stored as [kernel * inputs, outputs], where PyTorch has
[outputs, inputs, kernel]. Layers are nn.functional's; how ConvS2S puts them together
follows Gehring et al. 2017 and fairseq's fconv model (attention included), the
character network follows Kim et al. 2016.
"""

import math
import sys
from pathlib import Path

import torch
import torch.nn.functional as F

from layers_make import LENGTHS, SOURCE_LENGTHS, TARGET_LENGTHS, Golden, split

HALF_ROOT = math.sqrt(0.5)


def convolve(x, weight, bias, kernel, alignment):
    """One sequence `[steps, inputs]` through F.conv1d."""
    inputs = x.shape[1]
    flipped = weight.view(kernel, inputs, -1).permute(2, 1, 0)
    if alignment == "same":
        left, right = (kernel - 1) // 2, kernel // 2
    elif alignment == "causal":
        left, right = kernel - 1, 0
    else:
        left, right = 0, max(0, kernel - len(x))
    padded = F.pad(x.T[None], (left, right))
    return F.conv1d(padded, flipped, bias)[0].T


def normalized(direction, gain, norm=1.0):
    """PyTorch's weight normalisation, which keeps the outputs first."""
    return torch._weight_norm(direction.T.contiguous(), norm * gain[:, None], 0).T


class Layer:
    """A convolution with the parameters of our module, `norm` as there."""

    def __init__(self, golden, prefix, inputs, outputs, kernel=1, alignment="same", norm=1.0, normal=True):
        self.kernel, self.alignment = kernel, alignment
        shape = (kernel * inputs, outputs)
        if normal:
            direction = golden.parameter(f"{prefix}.direction", shape)
            gain = golden.parameter(f"{prefix}.gain", (outputs,), 0.8)
            self.weight = normalized(direction, gain, norm)
        else:
            self.weight = golden.parameter(f"{prefix}.weight", shape)
        self.bias = golden.parameter(f"{prefix}.bias", (outputs,))

    def __call__(self, x):
        return convolve(x, self.weight, self.bias, self.kernel, self.alignment)


def convolutions():
    for seed, (alignment, kernel, normal) in enumerate(
        [("same", 3, False), ("same", 4, True), ("causal", 3, True), ("valid", 3, False), ("valid", 5, True)]
    ):
        form = "normalized" if normal else "plain"
        golden = Golden(
            f"convolution_{alignment}_{kernel}_{form}", 700 + seed,
            f"{alignment} convolution of kernel {kernel} over each sequence and the gated linear unit of it",
        )
        golden.integers("lengths", LENGTHS)
        x = golden.input("x", (sum(LENGTHS), 7))
        layer = Layer(golden, "layer", 7, 10, kernel, alignment, 1.5, normal)
        y = [layer(part) for part in split(x, LENGTHS)]
        golden.integers("output_lengths", [len(part) for part in y])
        y = torch.cat(y)
        golden.differentiate({"y": y, "gated": F.glu(y, 1)})
        yield golden


def positioned(x, table, lengths):
    steps = torch.cat([torch.arange(length) for length in lengths])
    return x + table[steps.clamp(max=len(table) - 1)]


def plain_encoders():
    for seed, activation in enumerate(["relu", "tanh", "glu"]):
        golden = Golden(
            f"convolutional_encoder_{activation}", 720 + seed,
            "two convolutions of kernel 3 with residual connections times the root of one half",
        )
        golden.integers("lengths", LENGTHS)
        x = golden.input("x", (sum(LENGTHS), 6))
        table = golden.parameter("positions.weight", (4, 6))
        width, norm = (16, 2.0) if activation == "glu" else (8, 1.0)
        layers = [
            Layer(golden, f"layers.{i}", inputs, width, 3, norm=norm) for i, inputs in enumerate((6, 8))
        ]
        function = {"relu": torch.relu, "tanh": torch.tanh, "glu": lambda y: F.glu(y, 1)}[activation]
        memory = []
        for part in split(positioned(x, table, LENGTHS), LENGTHS):
            first = function(layers[0](part))
            memory.append((function(layers[1](first)) + first) * HALF_ROOT)
        golden.differentiate({"memory": torch.cat(memory)})
        yield golden


def convs2s_encoder():
    embedding, hidden, kernel = 6, 8, 3
    golden = Golden("convs2s_encoder", 730, "two layers; positions beyond the fourth share a vector")
    golden.integers("lengths", LENGTHS)
    x = golden.input("x", (sum(LENGTHS), embedding))
    table = golden.parameter("positions.weight", (4, embedding))
    first = Layer(golden, "input", embedding, hidden)
    layers = [Layer(golden, f"layers.{i}", hidden, 2 * hidden, kernel, norm=2.0) for i in (0, 1)]
    last = Layer(golden, "output", hidden, embedding)
    memory, values = [], []
    for e in split(positioned(x, table, LENGTHS), LENGTHS):
        h = first(e)
        for layer in layers:
            h = (F.glu(layer(h), 1) + h) * HALF_ROOT
        memory.append(last(h))
        values.append((memory[-1] + e) * HALF_ROOT)
    golden.differentiate({"memory": torch.cat(memory), "values": torch.cat(values)})
    yield golden


def convs2s_decoder():
    for seed, (name, width) in enumerate([("convs2s_decoder", 6), ("convs2s_decoder_other_memory", 5)]):
        embedding, hidden, kernel = 6, 8, 3
        golden = Golden(
            name, 740 + seed,
            "two layers with attention in each; weights are the mean over layers, [target, source] of "
            "the sentences one after the other",
        )
        golden.integers("target_lengths", TARGET_LENGTHS)
        golden.integers("source_lengths", SOURCE_LENGTHS)
        embedded = golden.input("embedded", (sum(TARGET_LENGTHS), embedding))
        memory = golden.input("memory", (sum(SOURCE_LENGTHS), width))
        values = golden.input("values", (sum(SOURCE_LENGTHS), width))
        table = golden.parameter("positions.weight", (4, embedding))
        first = Layer(golden, "input", embedding, hidden)
        key = Layer(golden, "key", width, embedding) if width != embedding else lambda z: z
        layers = [
            (
                Layer(golden, f"layers.{i}.convolution", hidden, 2 * hidden, kernel, "causal", 2.0),
                Layer(golden, f"layers.{i}.query", hidden, embedding),
                Layer(golden, f"layers.{i}.context", width, hidden),
            )
            for i in (0, 1)
        ]
        last = Layer(golden, "output", hidden, embedding)
        vectors, weights = [], []
        for g, z, v in zip(
            split(positioned(embedded, table, TARGET_LENGTHS), TARGET_LENGTHS),
            split(memory, SOURCE_LENGTHS),
            split(values, SOURCE_LENGTHS),
        ):
            z, source = key(z), len(z)
            x, mean = first(g), 0
            for convolution, query, context in layers:
                residual = x
                x = F.glu(convolution(x), 1)
                d = (query(x) + g) * HALF_ROOT
                attention = (d @ z.T).softmax(1)
                c = (attention @ v) * (source * math.sqrt(1.0 / source))
                x = (context(c) + x) * HALF_ROOT
                x = (x + residual) * HALF_ROOT
                mean = mean + attention / len(layers)
            vectors.append(last(x))
            weights.append(mean.flatten())
        golden.differentiate({"vectors": torch.cat(vectors), "weights": torch.cat(weights)})
        yield golden


def character_embedding():
    characters, embedding, filters, features = 12, 5, 4, 9
    widths, lengths = (1, 2, 3), [4, 1, 7, 2, 3]
    golden = Golden(
        "character_embedding", 750,
        "Kim et al. 2016: characters of words, convolutions of widths 1 to 3, tanh, maximum over time, two "
        "highway layers whose gates have -2 added, projection",
    )
    golden.integers("lengths", lengths)
    ids = golden.integers("characters", golden.random.integers(0, characters, sum(lengths)))
    table = golden.parameter("characters.weight", (characters, embedding), 1.0)
    convolutions = [
        Layer(golden, f"widths.{w}", embedding, w * filters, w, "valid", normal=False) for w in widths
    ]
    total = filters * sum(widths)
    highways = [
        {
            name: golden.parameter(f"highways.{i}.{name}", (total,) * (1 if "bias" in name else 2))
            for name in ("transform_weight", "transform_bias", "gate_weight", "gate_bias")
        }
        for i in (0, 1)
    ]
    weight = golden.parameter("projection.weight", (total, features))
    bias = golden.parameter("projection.bias", (features,))
    words = []
    for word in split(F.embedding(ids, table), lengths):
        x = torch.cat([torch.tanh(layer(word)).max(0).values for layer in convolutions])
        for v in highways:
            gate = torch.sigmoid(x @ v["gate_weight"] + v["gate_bias"] - 2)
            x = gate * torch.relu(x @ v["transform_weight"] + v["transform_bias"]) + (1 - gate) * x
        words.append(x @ weight + bias)
    golden.differentiate({"words": torch.stack(words)})
    yield golden


if __name__ == "__main__":
    default = Path(__file__).parents[2] / "Tests" / "Goldens"
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    for make in (convolutions, plain_encoders, convs2s_encoder, convs2s_decoder, character_embedding):
        for golden in make():
            golden.save(folder)
