#!/usr/bin/env python3
"""The Transformer of Vaswani et al. 2017 in PyTorch, on Multi30k English-German.

    pytorch_transformer.py train --data DIR --work DIR [--bf16] [--compile] ...

Data, batches, token counting and tuning are those of pytorch_rnn.py, next to this
file. What is peculiar to a Transformer: queries, keys and values of self-attention come
from one product, attention runs through scaled_dot_product_attention (the flash kernel
for CPUs, which wants no dropout of weights), the source is masked only in batches whose
sources differ in length, and the target never, since what follows the end of a sentence
is in its future. The command ends with one line of JSON on standard output.
"""

from __future__ import annotations

import argparse
import math

import torch
import torch.nn.functional as F
from pytorch_rnn import SMOOTHING, Batch, compiled, restart_tuned, shared_options, train, training_options
from torch import nn


class SelfAttention(nn.Module):
    def __init__(self, width: int, heads: int, causal: bool):
        super().__init__()
        self.heads, self.causal = heads, causal
        self.projection = nn.Linear(width, 3 * width)
        self.output = nn.Linear(width, width)

    def forward(self, x, mask=None):
        q, k, v = self.projection(x).unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        return self.output(attend(q, k, v, mask, self.causal))


class CrossAttention(nn.Module):
    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.memory = nn.Linear(width, 2 * width)
        self.output = nn.Linear(width, width)

    def forward(self, x, memory, mask):
        q = self.query(x).unflatten(2, (self.heads, -1)).transpose(1, 2)
        k, v = self.memory(memory).unflatten(2, (2, self.heads, -1)).permute(2, 0, 3, 1, 4)
        return self.output(attend(q, k, v, mask, False))


def attend(q, k, v, mask, causal: bool):
    """`[batch, heads, length, features]` to `[batch, length, heads * features]`."""
    if mask is not None:
        mask = mask.to(q.dtype)
    context = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=causal)
    return context.transpose(1, 2).flatten(2)


class FeedForward(nn.Module):
    def __init__(self, width: int, middle: int):
        super().__init__()
        self.first = nn.Linear(width, middle)
        self.second = nn.Linear(middle, width)

    def forward(self, x):
        return self.second(F.relu(self.first(x), inplace=True))


class Layer(nn.Module):
    """Sublayers with residual connections; of the encoder, or of the decoder with `cross`."""

    def __init__(self, arguments: argparse.Namespace, cross: bool):
        super().__init__()
        width = arguments.hidden
        self.pre, self.rate = arguments.norm == "pre", arguments.dropout
        self.attention = SelfAttention(width, arguments.heads, causal=cross)
        self.cross = CrossAttention(width, arguments.heads) if cross else None
        self.feed_forward = FeedForward(width, arguments.feed_forward)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(3 if cross else 2))

    def add(self, x, norm, sublayer, *more):
        update = sublayer(norm(x) if self.pre else x, *more)
        x = x + F.dropout(update, self.rate, self.training)
        return x if self.pre else norm(x)

    def forward(self, x, memory, mask):
        x = self.add(x, self.norms[0], self.attention, None if self.cross else mask)
        if self.cross:
            x = self.add(x, self.norms[1], self.cross, memory, mask)
        return self.add(x, self.norms[-1], self.feed_forward)


class Stack(nn.Module):
    def __init__(self, arguments: argparse.Namespace, pieces: int, cross: bool):
        super().__init__()
        self.rate, self.scale = arguments.dropout, math.sqrt(arguments.hidden)
        self.embedding = nn.Embedding(pieces, arguments.hidden)
        self.layers = nn.ModuleList(Layer(arguments, cross) for _ in range(arguments.layers))
        self.norm = nn.LayerNorm(arguments.hidden) if arguments.norm == "pre" else nn.Identity()
        self.register_buffer("positions", sinusoids(512, arguments.hidden))

    def forward(self, tokens, memory=None, mask=None):
        embedded = F.dropout(self.embedding(tokens), self.rate, self.training)
        x = embedded * self.scale + self.positions[: tokens.shape[1]]
        for layer in self.layers:
            x = layer(x, memory, mask)
        return self.norm(x)


def sinusoids(length: int, width: int) -> torch.Tensor:
    angles = torch.arange(length)[:, None] / 10000 ** (torch.arange(0, width, 2) / width)
    return torch.stack([angles.sin(), angles.cos()], 2).flatten(1)


class Loss(nn.Module):
    """Mean over the target tokens of the cross-entropy of a batch."""

    def __init__(self, arguments: argparse.Namespace, pieces: int):
        super().__init__()
        self.bf16 = arguments.bf16
        self.encoder = Stack(arguments, pieces, cross=False)
        self.decoder = Stack(arguments, pieces, cross=True)
        self.output = nn.Linear(arguments.hidden, pieces)
        for parameter in self.parameters():
            if parameter.dim() > 1:
                nn.init.xavier_uniform_(parameter)
        for stack in (self.encoder, self.decoder):
            nn.init.normal_(stack.embedding.weight, std=arguments.hidden**-0.5)
        self.compute = compiled(self.plain, arguments)

    def plain(self, source, target, rows, labels, mask, smoothing: float):
        if mask is not None:
            mask = mask[:, None]  # [batch, 1, 1, source]
        memory = self.encoder(source, mask=mask)
        vectors = self.decoder(target, memory, mask).flatten(0, 1)
        if rows is not None:
            vectors = vectors.index_select(0, rows)
        return F.cross_entropy(self.output(vectors).float(), labels, label_smoothing=smoothing)

    def forward(self, batch: Batch, smoothing: float = SMOOTHING):
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bf16):
            return self.compute(
                batch.source, batch.target_input, batch.rows, batch.labels, batch.mask, smoothing
            )


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    training = commands.add_parser("train", parents=[shared_options(), training_options()])
    training.add_argument("--hidden", type=int, default=256)
    training.add_argument("--feed-forward", type=int, default=1024)
    training.add_argument("--heads", type=int, default=8)
    training.add_argument("--layers", type=int, default=3, help="of the encoder and the decoder each")
    training.add_argument("--norm", choices=["pre", "post"], default="pre")
    training.add_argument("--dropout", type=float, default=0.1)
    return parser.parse_args()


if __name__ == "__main__":
    options = parse()
    restart_tuned(options)
    options.checkpoint = options.checkpoint or options.work / "pytorch_transformer.pt"
    options.input_feeding, options.cell = False, None
    names = ("hidden", "feed_forward", "heads", "layers", "norm", "dropout", "compile")
    train(
        options, make_model=Loss, make_loss=lambda loss, _: loss,
        adam={"lr": 5e-4, "betas": (0.9, 0.98)}, model="transformer",
        **{name: getattr(options, name) for name in names},
    )
