#!/usr/bin/env python3
"""Makes Tests/Goldens/output_*.safetensors and sparse_adam.safetensors: output layers
for tied embeddings, large vocabularies, mixtures and copying, and Adam on rows.

    python scripts/goldens/output_layers.py [FOLDER]          (default: Tests/Goldens)

Conventions and names are those of layers_make.py. Gradients are those of
`output.smoothed_loss`; `output.loss` is without smoothing, `output.log_probabilities`
is over the whole (extended) vocabulary.
"""

import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from layers_make import Golden, rounded
from torch import nn

SMOOTHING = 0.1
ROWS, HIDDEN, VOCABULARY = 17, 16, 50


def smoothed(log_probabilities, targets, words=None, smoothing=SMOOTHING):
    """Σ over rows of -q · log p, q = (1 - ε) on the target plus ε / words on each word."""
    words = words or log_probabilities.shape[1]
    chosen = log_probabilities[torch.arange(len(targets)), targets]
    uniform = log_probabilities[:, :words].mean(1)
    return -((1 - smoothing) * chosen + smoothing * uniform).sum()


def differentiate(golden: Golden, loss, leaves=None):
    leaves = leaves or golden.leaves
    for name, gradient in zip(leaves, torch.autograd.grad(loss, list(leaves.values()))):
        golden.stored[f"gradient.{name}"] = rounded(gradient)


def store(golden: Golden, log_probabilities, targets, words=None):
    golden.constant("label_smoothing", SMOOTHING)
    golden.value("log_probabilities", log_probabilities)
    golden.value("loss", smoothed(log_probabilities, targets, words, 0.0)[None])
    loss = smoothed(log_probabilities, targets, words)
    golden.value("smoothed_loss", loss[None])
    differentiate(golden, loss)


def draw_targets(golden: Golden, high=VOCABULARY):
    return golden.integers("targets", golden.random.integers(0, high, ROWS))


def tied():
    """The table is both gathered, as embeddings, and the weight of the output layer."""
    golden = Golden(
        "output_tied", 701,
        "F.cross_entropy of (tanh(embedding[ids] inner) projection) embedding^T + bias",
    )
    ids = golden.integers("ids", golden.random.integers(0, VOCABULARY, ROWS))
    targets = draw_targets(golden)
    table = golden.parameter("embedding.weight", (VOCABULARY, 12))
    inner = golden.parameter("inner.weight", (12, HIDDEN))
    projection = golden.parameter("output.projection.weight", (HIDDEN, 12))
    bias = golden.parameter("output.bias", (VOCABULARY,))
    hidden = torch.tanh(F.embedding(ids, table) @ inner)
    logits = F.linear(hidden @ projection, table, bias)
    golden.constant("label_smoothing", SMOOTHING)
    golden.value("log_probabilities", logits.log_softmax(1))
    golden.value("loss", F.cross_entropy(logits, targets, reduction="sum")[None])
    loss = F.cross_entropy(logits, targets, reduction="sum", label_smoothing=SMOOTHING)
    golden.value("smoothed_loss", loss[None])
    differentiate(golden, loss)
    yield golden


def adaptive():
    cutoffs = [12, 30]
    golden = Golden(
        "output_adaptive", 711,
        "nn.AdaptiveLogSoftmaxWithLoss, cutoffs 12 and 30 of 50, div_value 2, head_bias; gradients "
        "of the loss without smoothing",
    )
    targets = draw_targets(golden)
    hidden = golden.input("hidden", (ROWS, HIDDEN))
    module = nn.AdaptiveLogSoftmaxWithLoss(
        HIDDEN, VOCABULARY, cutoffs, div_value=2, head_bias=True, dtype=torch.float64)
    values = {
        "head.weight": golden.parameter("head.weight", (HIDDEN, 14)).T,
        "head.bias": golden.parameter("head.bias", (14,)),
    }
    for i, (width, words) in enumerate([(8, 18), (4, 20)]):
        prefix = f"tails.{i}."
        values[f"tail.{i}.0.weight"] = golden.parameter(
            f"{prefix}projection.weight", (HIDDEN, width)).T
        values[f"tail.{i}.1.weight"] = golden.parameter(f"{prefix}weight", (width, words)).T
    output = torch.func.functional_call(module, values, (hidden, targets))
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            parameter.copy_(values[name])
        golden.value("log_probabilities", module.log_prob(hidden))
    loss = -output.output.sum()
    golden.value("loss", loss[None])
    differentiate(golden, loss)
    yield golden


def mixture():
    """Yang et al. 2018, eq. 3, as in their code: prior without bias, tanh latents."""
    components, width = 3, HIDDEN
    golden = Golden("output_mixture", 721, "mixture of three softmaxes")
    targets = draw_targets(golden)
    hidden = golden.input("hidden", (ROWS, HIDDEN))
    prior = golden.parameter("prior.weight", (HIDDEN, components))
    latent = golden.parameter("latent.weight", (HIDDEN, components * width))
    latent_bias = golden.parameter("latent.bias", (components * width,))
    weight = golden.parameter("weight", (width, VOCABULARY), 0.8)
    bias = golden.parameter("bias", (VOCABULARY,))
    latents = torch.tanh(hidden @ latent + latent_bias).view(ROWS, components, width)
    p = ((hidden @ prior).softmax(1)[:, :, None] * (latents @ weight + bias).softmax(2)).sum(1)
    store(golden, p.log(), targets)
    yield golden


def sampled():
    """tf.nn.sampled_softmax_loss with given samples: log-uniform proposal, unique, accidental
    hits removed, logits less the logarithm of the expected counts."""
    golden = Golden(
        "output_sampled", 731,
        "softmax over [target, samples]; smoothing spreads over what counts in a row; "
        "log_probabilities are those of the full softmax",
    )
    samples = golden.integers("samples", [3, 0, 41, 17, 8, 1, 29, 12, 5])
    draws = 14
    golden.integers("draws", [draws])
    targets = golden.integers("targets", np.r_[[3, 41, 3, 0], golden.random.integers(0, VOCABULARY, ROWS - 4)])
    hidden = golden.input("hidden", (ROWS, HIDDEN))
    weight = golden.parameter("weight", (VOCABULARY, HIDDEN))
    bias = golden.parameter("bias", (VOCABULARY,))

    def log_expected(tokens):
        tokens = tokens.double()
        p = torch.log((tokens + 2) / (tokens + 1)) / np.log(VOCABULARY + 1)
        return torch.log(-torch.expm1(draws * torch.log1p(-p)))

    true = (hidden * weight[targets]).sum(1) + bias[targets] - log_expected(targets)
    others = hidden @ weight[samples].T + bias[samples] - log_expected(samples)
    total, plain = 0, 0
    for row, target in enumerate(targets.tolist()):
        kept = others[row][samples != target]
        logp = torch.cat([true[row : row + 1], kept]).log_softmax(0)
        plain = plain - logp[0]
        total = total - (1 - SMOOTHING) * logp[0] - SMOOTHING * logp.mean()
    golden.constant("label_smoothing", SMOOTHING)
    golden.value("loss", plain[None])
    golden.value("smoothed_loss", total[None])
    golden.value("log_expected_counts", log_expected(samples))
    full = (hidden @ weight.T + bias).log_softmax(1)
    golden.value("log_probabilities", full)
    golden.value("full_loss", smoothed(full, targets, None, 0.0)[None])
    golden.value("full_smoothed_loss", smoothed(full, targets)[None])
    differentiate(golden, total)
    yield golden


def sources(golden: Golden):
    """Three sources with repeated words and own words (ids from VOCABULARY on)."""
    lengths = [4, 1, 6]
    golden.integers("source_lengths", lengths)
    tokens = [7, 50, 7, 3, 51, 9, 50, 9, 9, 52, 2]
    golden.integers("source_tokens", tokens)
    rows = [5, 3, 9]
    golden.integers("target_lengths", rows)
    targets = golden.random.integers(0, VOCABULARY, ROWS)
    targets[:12] = [7, 50, 3, 11, 7, 51, 51, 4, 9, 50, 52, 2]
    golden.integers("targets", targets)
    begin = np.r_[0, np.cumsum(lengths)]
    return [tokens[begin[b] : begin[b + 1]] for b, n in enumerate(rows) for _ in range(n)], [
        b for b, n in enumerate(rows) for _ in range(n)], begin, torch.as_tensor(targets)


def copied(shares, tokens, extended):
    """The sum of the shares of a row's source steps for each id."""
    return torch.zeros(extended, dtype=torch.float64).index_add(0, torch.tensor(tokens), shares)


def stored_copies(golden, probabilities, targets):
    # Words that a source does not have get the least log-probability, log 1e-30.
    store(golden, probabilities.clamp_min(1e-30).log(), targets, VOCABULARY)


def pointer_generator():
    """See et al. 2017, eq. 8 and 9."""
    golden = Golden("output_pointer_generator", 741, "pointer-generator over three ragged sources")
    tokens, of_row, begin, targets = sources(golden)
    hidden = golden.input("hidden", (ROWS, HIDDEN))
    scores = golden.input("scores", (sum(len(t) for t in tokens),))
    gate = golden.parameter("gate.weight", (HIDDEN,))
    gate_bias = golden.parameter("gate.bias", (1,))
    weight = golden.parameter("weight", (HIDDEN, VOCABULARY))
    bias = golden.parameter("bias", (VOCABULARY,))
    g = torch.sigmoid(hidden @ gate + gate_bias)
    generated = F.pad((hidden @ weight + bias).softmax(1), (0, 3))
    p = []
    for row, part in enumerate(scores.split([len(t) for t in tokens])):
        attention = copied(part.softmax(0), tokens[row], VOCABULARY + 3)
        p.append(g[row] * generated[row] + (1 - g[row]) * attention)
    stored_copies(golden, torch.stack(p), targets)
    yield golden


def copy_network():
    """Gu et al. 2016, eq. 4 to 8."""
    golden = Golden("output_copy", 751, "CopyNet's shared softmax over three ragged sources")
    tokens, of_row, begin, targets = sources(golden)
    hidden = golden.input("hidden", (ROWS, HIDDEN))
    memory = golden.input("memory", (11, 10))
    copy = golden.parameter("copy.weight", (10, HIDDEN))
    weight = golden.parameter("weight", (HIDDEN, VOCABULARY))
    bias = golden.parameter("bias", (VOCABULARY,))
    keys = torch.tanh(memory @ copy)
    p = []
    for row, b in enumerate(of_row):
        scores = keys[begin[b] : begin[b + 1]] @ hidden[row]
        joint = torch.cat([hidden[row] @ weight + bias, scores]).softmax(0)
        p.append(F.pad(joint[:VOCABULARY], (0, 3)) + copied(joint[VOCABULARY:], tokens[row], VOCABULARY + 3))
    stored_copies(golden, torch.stack(p), targets)
    yield golden


def sparse_adam():
    """torch.optim.SparseAdam; each step uses other rows, some of them twice."""
    rate, betas, epsilon, steps, rows, width = 0.01, (0.9, 0.999), 1e-8, 10, 12, 5
    golden = Golden("sparse_adam", 761, "torch.optim.SparseAdam on a table; row t after step t + 1")
    for key, value in {
        "learning_rate": rate, "beta1": betas[0], "beta2": betas[1], "epsilon": epsilon,
    }.items():
        golden.constant(key, value)
    initial = golden.draw((rows, width), 1.0)
    golden.stored["parameter.initial"] = initial
    used = golden.random.integers(0, rows, (steps, 4))
    used[::3, 1] = used[::3, 0]
    golden.integers("rows", used)
    gradients = golden.draw((steps, 4 * width), 1.0)
    golden.stored["input.gradients"] = gradients
    parameter = nn.Parameter(torch.tensor(initial, dtype=torch.float64))
    update = torch.optim.SparseAdam([parameter], lr=rate, betas=betas, eps=epsilon)
    trace = []
    for index, gradient in zip(used, gradients):
        values = torch.tensor(gradient, dtype=torch.float64).view(4, width)
        parameter.grad = torch.sparse_coo_tensor(torch.tensor(index)[None], values, (rows, width))
        update.step()
        trace.append(parameter.detach().clone().flatten())
    golden.value("parameters", torch.stack(trace))
    yield golden


def main():
    root = Path(__file__).resolve().parents[2]
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else root / "Tests" / "Goldens"
    torch.set_num_threads(1)
    for make in (
        tied, adaptive, mixture, sampled, pointer_generator, copy_network, sparse_adam,
    ):
        for golden in make():
            golden.save(folder)


if __name__ == "__main__":
    main()
