#!/usr/bin/env python3
"""Makes the goldens of Transformer layers: Tests/Goldens/transformer_*.safetensors.

    python scripts/goldens/transformer.py [FOLDER]          (default: Tests/Goldens)

Values and gradients come from nn.MultiheadAttention, nn.TransformerEncoderLayer and
nn.TransformerDecoderLayer in float64, sentence by sentence; rotary positions and
SwiGLU, which these do not have, from a transcription of Su et al. 2021 (the half form
of GPT-NeoX) and Shazeer 2020. Conventions and names are those of layers_make.py;
parameters have the names of the Swift modules.
"""

import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from layers_make import SOURCE_LENGTHS, TARGET_LENGTHS, Golden, split
from torch import nn

WIDTH, MEMORY, HEADS, MIDDLE = 20, 20, 2, 28


def linear(golden: Golden, name: str, inputs: int, outputs: int):
    """Weight `[inputs, outputs]` and bias of a linear layer."""
    return (
        golden.parameter(f"{name}.weight", (inputs, outputs)),
        golden.parameter(f"{name}.bias", (outputs,)),
    )


def norm(golden: Golden, name: str):
    return golden.parameter(f"{name}.gain", (WIDTH,)), golden.parameter(f"{name}.bias", (WIDTH,))


def self_attention(golden: Golden, prefix: str) -> dict[str, torch.Tensor]:
    """The weights of nn.MultiheadAttention for self-attention, under PyTorch's names."""
    weight, bias = linear(golden, f"{prefix}projection", WIDTH, 3 * WIDTH)
    out_weight, out_bias = linear(golden, f"{prefix}output", WIDTH, WIDTH)
    return {
        "in_proj_weight": weight.T, "in_proj_bias": bias,
        "out_proj.weight": out_weight.T, "out_proj.bias": out_bias,
    }


def cross_attention(golden: Golden, prefix: str) -> dict[str, torch.Tensor]:
    query, query_bias = linear(golden, f"{prefix}query", WIDTH, WIDTH)
    memory, memory_bias = linear(golden, f"{prefix}memory", MEMORY, 2 * WIDTH)
    out_weight, out_bias = linear(golden, f"{prefix}output", WIDTH, WIDTH)
    return {
        "in_proj_weight": torch.cat([query.T, memory.T]),
        "in_proj_bias": torch.cat([query_bias, memory_bias]),
        "out_proj.weight": out_weight.T, "out_proj.bias": out_bias,
    }


def feed_forward(golden: Golden) -> dict[str, torch.Tensor]:
    first, first_bias = linear(golden, "feed_forward.first", WIDTH, MIDDLE)
    second, second_bias = linear(golden, "feed_forward.second", MIDDLE, WIDTH)
    return {
        "linear1.weight": first.T, "linear1.bias": first_bias,
        "linear2.weight": second.T, "linear2.bias": second_bias,
    }


def norms(golden: Golden, names: list[str]) -> dict[str, torch.Tensor]:
    weights = {}
    for index, name in enumerate(names):
        weights[f"norm{index + 1}.weight"], weights[f"norm{index + 1}.bias"] = norm(golden, name)
    return weights


def prefixed(prefix: str, weights: dict) -> dict:
    return {f"{prefix}.{name}": weight for name, weight in weights.items()}


def future(length: int) -> torch.Tensor:
    """True where a query must not look."""
    return torch.ones(length, length, dtype=torch.bool).triu(1)


def attention_alone(causal: bool) -> Golden:
    name = "causal" if causal else "full"
    golden = Golden(
        f"transformer_self_attention_{name}", 901 + causal, f"nn.MultiheadAttention, {name}"
    )
    golden.integers("lengths", SOURCE_LENGTHS)
    x = golden.input("x", (sum(SOURCE_LENGTHS), WIDTH))
    weights = self_attention(golden, "")
    module = nn.MultiheadAttention(WIDTH, HEADS, batch_first=True, dtype=torch.float64)
    rows = []
    for part in split(x, SOURCE_LENGTHS):
        mask = future(len(part)) if causal else None
        options = {"attn_mask": mask, "need_weights": False}
        found, _ = torch.func.functional_call(module, weights, (part, part, part), options)
        rows.append(found)
    golden.differentiate({"y": torch.cat(rows)})
    return golden


def attention_over_memory() -> Golden:
    golden = Golden(
        "transformer_cross_attention", 903,
        "nn.MultiheadAttention over a memory; output.weights are averaged over the heads",
    )
    golden.integers("target_lengths", TARGET_LENGTHS)
    golden.integers("source_lengths", SOURCE_LENGTHS)
    x = golden.input("x", (sum(TARGET_LENGTHS), WIDTH))
    memory = golden.input("memory", (sum(SOURCE_LENGTHS), MEMORY))
    weights = cross_attention(golden, "")
    module = nn.MultiheadAttention(WIDTH, HEADS, batch_first=True, dtype=torch.float64)
    rows, alignments = [], []
    for query, part in zip(split(x, TARGET_LENGTHS), split(memory, SOURCE_LENGTHS)):
        found, alignment = torch.func.functional_call(
            module, weights, (query, part, part), {"need_weights": True}
        )
        rows.append(found)
        alignments.append(alignment.flatten())
    golden.differentiate({"y": torch.cat(rows), "weights": torch.cat(alignments)})
    return golden


ACTIVATIONS = {"relu": F.relu, "gelu": lambda x: F.gelu(x, approximate="tanh")}


def encoder_layer(pre: bool, activation: str, seed: int) -> Golden:
    place = "pre" if pre else "post"
    golden = Golden(
        f"transformer_encoder_{place}_{activation}", seed,
        f"nn.TransformerEncoderLayer, {place}-norm, {activation} (gelu in its tanh form)",
    )
    golden.integers("lengths", SOURCE_LENGTHS)
    x = golden.input("x", (sum(SOURCE_LENGTHS), WIDTH))
    weights = prefixed("self_attn", self_attention(golden, "self_attention."))
    weights |= feed_forward(golden)
    weights |= norms(golden, ["self_attention_norm", "feed_forward_norm"])
    module = nn.TransformerEncoderLayer(
        WIDTH, HEADS, MIDDLE, dropout=0, activation=ACTIVATIONS[activation], batch_first=True,
        norm_first=pre, dtype=torch.float64,
    )
    rows = [
        torch.func.functional_call(module, weights, (part[None],))[0]
        for part in split(x, SOURCE_LENGTHS)
    ]
    golden.differentiate({"y": torch.cat(rows)})
    return golden


def decoder_layer(pre: bool, activation: str, seed: int) -> Golden:
    place = "pre" if pre else "post"
    golden = Golden(
        f"transformer_decoder_{place}_{activation}", seed,
        f"nn.TransformerDecoderLayer, {place}-norm, {activation} (gelu in its tanh form)",
    )
    golden.integers("target_lengths", TARGET_LENGTHS)
    golden.integers("source_lengths", SOURCE_LENGTHS)
    x = golden.input("x", (sum(TARGET_LENGTHS), WIDTH))
    memory = golden.input("memory", (sum(SOURCE_LENGTHS), MEMORY))
    weights = prefixed("self_attn", self_attention(golden, "self_attention."))
    weights |= prefixed("multihead_attn", cross_attention(golden, "cross_attention."))
    weights |= feed_forward(golden)
    weights |= norms(golden, ["self_attention_norm", "cross_attention_norm", "feed_forward_norm"])
    module = nn.TransformerDecoderLayer(
        WIDTH, HEADS, MIDDLE, dropout=0, activation=ACTIVATIONS[activation], batch_first=True,
        norm_first=pre, dtype=torch.float64,
    )
    rows = []
    for part, source in zip(split(x, TARGET_LENGTHS), split(memory, SOURCE_LENGTHS)):
        options = {"tgt_mask": future(len(part))}
        arguments = (part[None], source[None])
        rows.append(torch.func.functional_call(module, weights, arguments, options)[0])
    golden.differentiate({"y": torch.cat(rows)})
    return golden


def rotary(x: torch.Tensor) -> torch.Tensor:
    """Turns `[length, heads, width]` by position (Su et al. 2021, eq. 34, with features i and
    i + width/2 as pairs)."""
    length, _, width = x.shape
    frequencies = 10000.0 ** (-torch.arange(0, width, 2, dtype=torch.float64) / width)
    angles = torch.arange(length, dtype=torch.float64)[:, None, None] * frequencies
    a, b = x[..., : width // 2], x[..., width // 2 :]
    return torch.cat(
        [a * angles.cos() - b * angles.sin(), b * angles.cos() + a * angles.sin()], -1
    )


def modern_layer() -> Golden:
    golden = Golden(
        "transformer_encoder_rotary_swiglu", 951,
        "a pre-norm encoder layer with rotary positions and SwiGLU, transcribed",
    )
    golden.integers("lengths", SOURCE_LENGTHS)
    x = golden.input("x", (sum(SOURCE_LENGTHS), WIDTH))
    projection = linear(golden, "self_attention.projection", WIDTH, 3 * WIDTH)
    output = linear(golden, "self_attention.output", WIDTH, WIDTH)
    first = linear(golden, "feed_forward.first", WIDTH, 2 * MIDDLE)
    second = linear(golden, "feed_forward.second", MIDDLE, WIDTH)
    norm1 = norm(golden, "self_attention_norm")
    norm2 = norm(golden, "feed_forward_norm")
    rows = []
    for part in split(x, SOURCE_LENGTHS):
        inner = F.layer_norm(part, (WIDTH,), *norm1) @ projection[0] + projection[1]
        q, k, v = inner.reshape(len(part), 3, HEADS, WIDTH // HEADS).unbind(1)
        q, k, v = (t.transpose(0, 1) for t in (rotary(q), rotary(k), v))
        scores = q @ k.transpose(1, 2) / (WIDTH // HEADS) ** 0.5
        context = (scores.softmax(-1) @ v).transpose(0, 1).reshape(len(part), WIDTH)
        part = part + context @ output[0] + output[1]
        inner = F.layer_norm(part, (WIDTH,), *norm2) @ first[0] + first[1]
        gate, value = inner.split(MIDDLE, -1)
        part = part + (F.silu(gate) * value) @ second[0] + second[1]
        rows.append(part)
    golden.differentiate({"y": torch.cat(rows)})
    for width in (10, 7):
        table = np.zeros((40, width))
        for position in range(40):
            for column in range(width):
                angle = position / 10000 ** (2 * (column // 2) / width)
                table[position, column] = np.sin(angle) if column % 2 == 0 else np.cos(angle)
        golden.value(f"sinusoids_{width}", torch.tensor(table))
    return golden


def main():
    default = Path(__file__).resolve().parents[2] / "Tests" / "Goldens"
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    goldens = [attention_alone(False), attention_alone(True), attention_over_memory()]
    for index, (pre, activation) in enumerate(
        [(True, "relu"), (True, "gelu"), (False, "relu"), (False, "gelu")]
    ):
        goldens.append(encoder_layer(pre, activation, 911 + index))
        goldens.append(decoder_layer(pre, activation, 931 + index))
    goldens.append(modern_layer())
    for golden in goldens:
        golden.save(folder)


if __name__ == "__main__":
    main()
