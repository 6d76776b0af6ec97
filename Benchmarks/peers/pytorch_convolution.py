#!/usr/bin/env python3
"""ConvS2S (Gehring et al. 2017) in PyTorch on the data of the common work.

    pytorch_convolution.py train --data DIR --work DIR [--bf16] [--form conv] ...

The model is fairseq's fconv: position embeddings, weight-normalised convolutions with
gated linear units and residual connections, attention in every decoder layer. Batches,
token counting, loss, optimizer and clock are those of pytorch_rnn.py. Ends with one line
of JSON on standard output.
"""

from __future__ import annotations

import argparse
import math

from pytorch_rnn import DROPOUT, restart_tuned, shared_options, train, training_options

import torch
import torch.nn.functional as F
from torch import nn

HALF_ROOT = math.sqrt(0.5)
MAXIMUM_LENGTH = 1024


class Normalized(nn.Module):
    """A linear layer or a convolution over time whose weight `[outputs, kernel * inputs]`
    is direction and length; `norm` is the length of a row whose gain is 1."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 1, norm: float = 1.0):
        super().__init__()
        self.inputs, self.kernel, self.norm = inputs, kernel, norm
        self.direction = nn.Parameter(torch.empty(outputs, kernel * inputs).uniform_(-0.08, 0.08))
        self.gain = nn.Parameter(torch.ones(outputs, 1))
        self.bias = nn.Parameter(torch.empty(outputs).uniform_(-0.08, 0.08))

    def weight(self):
        return torch._weight_norm(self.direction, self.norm * self.gain, 0)

    def forward(self, x):
        return F.linear(x, self.weight(), self.bias)

    def convolve(self, x, left: int, form: str):
        """`x` `[batch, steps, inputs]` with zeros around the sequences; `left` steps of a
        window lie before its step."""
        right, steps = self.kernel - 1 - left, x.shape[1]
        if form == "windows":
            x = F.pad(x, (0, 0, left, right))
            return self(torch.cat([x[:, j : j + steps] for j in range(self.kernel)], 2))
        # An image of one row whose channels stand last is this very memory.
        weight = self.weight().view(-1, 1, self.kernel, self.inputs).permute(0, 3, 1, 2)
        image = x.transpose(1, 2).unsqueeze(2)
        if left == right:
            y = F.conv2d(image, weight, self.bias, padding=(0, left))
        else:
            y = F.conv2d(F.pad(image, (left, right)), weight, self.bias)
        return y.squeeze(2).transpose(1, 2)


class DecoderLayer(nn.Module):
    def __init__(self, embedding: int, hidden: int, kernel: int):
        super().__init__()
        self.convolution = Normalized(hidden, 2 * hidden, kernel, 2)
        self.query = Normalized(hidden, embedding)
        self.context = Normalized(embedding, hidden)


class Model(nn.Module):
    worth_compiling = ["encode_layer", "decode_layer"]

    def __init__(self, arguments, pieces: int):
        super().__init__()
        embedding, hidden, kernel = arguments.embedding, arguments.hidden, arguments.kernel
        self.form, self.kernel = arguments.form, kernel
        self.source_embedding = nn.Embedding(pieces, embedding)
        self.target_embedding = nn.Embedding(pieces, embedding)
        self.source_positions = nn.Embedding(MAXIMUM_LENGTH, embedding)
        self.target_positions = nn.Embedding(MAXIMUM_LENGTH, embedding)
        self.encoder_input = Normalized(embedding, hidden)
        self.encoder = nn.ModuleList(
            Normalized(hidden, 2 * hidden, kernel, 2) for _ in range(arguments.layers)
        )
        self.encoder_output = Normalized(hidden, embedding)
        self.decoder_input = Normalized(embedding, hidden)
        self.decoder = nn.ModuleList(
            DecoderLayer(embedding, hidden, kernel) for _ in range(arguments.layers)
        )
        self.decoder_output = Normalized(hidden, embedding)
        self.output = nn.Linear(embedding, pieces)
        for module in (self.source_embedding, self.target_embedding, self.source_positions,
                       self.target_positions, self.output):
            for parameter in module.parameters():
                nn.init.uniform_(parameter, -0.08, 0.08)

    def drop(self, x):
        return F.dropout(x, DROPOUT, self.training)

    def embed(self, tokens, table, positions):
        return self.drop(table(tokens)) + positions.weight[: tokens.shape[1]]

    def encode_layer(self, layer, x, exists):
        y = self.drop(x)
        if exists is not None:
            y = y * exists
        y = layer.convolve(y, (self.kernel - 1) // 2, self.form)
        return (F.glu(y, 2) + x) * HALF_ROOT

    def encode(self, source, exists):
        """What queries are compared with, and what contexts are made of."""
        embedded = self.embed(source, self.source_embedding, self.source_positions)
        x = self.encoder_input(embedded)
        for layer in self.encoder:
            x = self.encode_layer(layer, x, exists)
        x = self.encoder_output(x)
        return x, (x + embedded) * HALF_ROOT

    def decode_layer(self, layer, x, embedded, keys, values, mask):
        y = layer.convolution.convolve(self.drop(x), self.kernel - 1, self.form)
        y = F.glu(y, 2)
        query = (layer.query(y) + embedded) * HALF_ROOT
        scores = torch.bmm(query.to(keys.dtype), keys)
        if mask is not None:
            scores = scores + mask
        context = torch.bmm(scores.softmax(2).to(values.dtype), values)
        y = (layer.context(context) + y) * HALF_ROOT
        return (y + x) * HALF_ROOT

    def attentional(self, batch):
        """What the output layer sees, teacher forced, `[rows, embedding]`."""
        mask, exists = batch.mask, None
        if mask is not None:
            exists = (mask == 0).transpose(1, 2).float()
        memory, values = self.encode(batch.source, exists)
        # The root of the length of each source scales its contexts; once for all layers.
        values = values * batch.lengths.sqrt()[:, None, None]
        keys = memory.transpose(1, 2)
        embedded = self.embed(batch.target_input, self.target_embedding, self.target_positions)
        x = self.decoder_input(embedded)
        for layer in self.decoder:
            x = self.decode_layer(layer, x, embedded, keys, values, mask)
        x = x.flatten(0, 1)
        if batch.rows is not None:
            x = x.index_select(0, batch.rows)
        return self.drop(self.decoder_output(x))


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    training = commands.add_parser("train", parents=[shared_options(), training_options()])
    training.add_argument("--embedding", type=int, default=256)
    training.add_argument("--hidden", type=int, default=512)
    training.add_argument("--layers", type=int, default=4, help="of encoder and decoder each")
    training.add_argument("--kernel", type=int, default=3)
    training.add_argument(
        "--form", choices=["windows", "conv"], default="windows",
        help="convolutions as products of joined windows, or as PyTorch's own",
    )
    return parser.parse_args()


if __name__ == "__main__":
    options = parse()
    restart_tuned(options)
    options.checkpoint = options.checkpoint or options.work / "pytorch_convolution.pt"
    shape = {name: getattr(options, name) for name in ("embedding", "hidden", "layers", "kernel", "form")}
    options.input_feeding, options.cell = False, None
    train(options, Model, model="convs2s", **shape)
