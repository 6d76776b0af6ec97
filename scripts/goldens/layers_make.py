#!/usr/bin/env python3
"""Makes Tests/Goldens/*.safetensors: reference outputs and gradients of the layers.

    python scripts/goldens/layers_make.py [FOLDER]          (default: Tests/Goldens)

Needs torch, numpy and safetensors. PyTorch computes in float64 from numbers that
float32 represents exactly, and results are rounded to float32, so the error of a
golden is half a unit in the last place.

Conventions, which differ from PyTorch's:
- a ragged batch is one matrix [steps, features], sequences one after the other,
  with an int32 vector of lengths;
- weights are [input, output]; the gates of an LSTM are columns in the order i, f, g, o;
- one bias [4 * hidden] where PyTorch has b_ih and b_hh;
- a bidirectional output is concat(forward, backward) of each step.

Names: `input.*`, `parameter.*`, `output.*`, and `gradient.X` for each input or
parameter X, of the scalar sum over outputs Y of sum(grad_output.Y * output.Y), where
the fixed random weighting is stored as `input.grad_output.Y`. An output that has no
weighting is a value to compare only.
"""

import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.numpy import save_file
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

LENGTHS = [5, 3, 7, 1, 3]
SOURCE_LENGTHS = [5, 3, 7, 1, 4]
TARGET_LENGTHS = [4, 6, 2, 5, 1]


class Golden:
    """Draws the inputs and parameters of one golden and collects what is stored."""

    def __init__(self, name: str, seed: int, description: str):
        self.name, self.description = name, description
        self.random = np.random.default_rng(seed)
        self.leaves: dict[str, torch.Tensor] = {}
        self.stored: dict[str, np.ndarray] = {}

    def draw(self, shape, scale: float) -> np.ndarray:
        return (self.random.standard_normal(shape) * scale).astype(np.float32)

    def leaf(self, key: str, shape, scale: float) -> torch.Tensor:
        value = self.draw(shape, scale)
        self.stored[key] = value
        tensor = torch.tensor(value, dtype=torch.float64, requires_grad=True)
        self.leaves[key.split(".", 1)[1]] = tensor
        return tensor

    def input(self, name: str, shape, scale: float = 1.0) -> torch.Tensor:
        return self.leaf(f"input.{name}", shape, scale)

    def parameter(self, name: str, shape, scale: float = 0.4) -> torch.Tensor:
        return self.leaf(f"parameter.{name}", shape, scale)

    def integers(self, name: str, values) -> torch.Tensor:
        self.stored[f"input.{name}"] = np.asarray(values, dtype=np.int32)
        return torch.as_tensor(np.asarray(values), dtype=torch.int64)

    def constant(self, name: str, value: float):
        self.stored[f"input.{name}"] = np.asarray([value], dtype=np.float32)

    def value(self, name: str, tensor):
        self.stored[f"output.{name}"] = rounded(tensor)

    def differentiate(self, outputs: dict[str, torch.Tensor]):
        """Stores the outputs, their weightings and the gradients of every leaf."""
        total = torch.zeros((), dtype=torch.float64)
        self.weightings = {}
        for name, tensor in outputs.items():
            self.value(name, tensor)
            weighting = self.draw(tuple(tensor.shape), 1.0)
            self.stored[f"input.grad_output.{name}"] = weighting
            self.weightings[name] = weighting
            total = total + (tensor * torch.tensor(weighting, dtype=torch.float64)).sum()
        for name, gradient in zip(
            self.leaves, torch.autograd.grad(total, list(self.leaves.values()))
        ):
            self.stored[f"gradient.{name}"] = rounded(gradient)

    def check(self, transcription, outputs: tuple[str, ...]):
        """Compares with a plain NumPy transcription of the formulas: `transcription`
        takes a dictionary of float64 arrays and returns the named outputs. Gradients
        are compared with central differences of it, a few elements of each leaf."""
        values = {name: leaf.detach().numpy().copy() for name, leaf in self.leaves.items()}
        found = transcription(values)
        for name in outputs:
            assert_close(f"{self.name} {name}", found[name], self.stored[f"output.{name}"])

        def objective():
            results = transcription(values)
            return sum((results[n] * w.astype(np.float64)).sum() for n, w in self.weightings.items())

        chooser = np.random.default_rng(0)
        for name, array in values.items():
            flat = array.reshape(-1)
            for index in chooser.choice(flat.size, min(4, flat.size), replace=False):
                kept, step = flat[index], 1e-5
                flat[index] = kept + step
                above = objective()
                flat[index] = kept - step
                below = objective()
                flat[index] = kept
                expected = self.stored[f"gradient.{name}"].reshape(-1)[index]
                assert_close(f"{self.name} gradient.{name}[{index}]", (above - below) / (2 * step), expected)

    def save(self, folder: Path):
        path = folder / f"{self.name}.safetensors"
        arrays = {key: np.ascontiguousarray(value) for key, value in self.stored.items()}
        for key, value in arrays.items():
            assert value.dtype in (np.float32, np.int32), key
            assert np.isfinite(value).all(), key
        save_file(arrays, path, metadata={"description": self.description})
        assert path.stat().st_size < 200_000, path
        print(f"{path.name}  {path.stat().st_size} bytes")
        for key in sorted(arrays):
            print(f"    {key} {list(arrays[key].shape)}")


def rounded(tensor) -> np.ndarray:
    return tensor.detach().numpy().astype(np.float32)


def assert_close(what: str, found, expected):
    difference = np.abs(np.asarray(found) - expected).max()
    scale = max(1.0, np.abs(expected).max())
    assert difference < 2e-6 * scale, f"{what}: off by {difference}"


def split(matrix, lengths):
    return torch.split(matrix, list(lengths))


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


# ---------------------------------------------------------------- LSTM


def lstm_parameters(golden: Golden, prefix: str, inputs: int, hidden: int) -> dict:
    return {
        "input_weight": golden.parameter(f"{prefix}input_weight", (inputs, 4 * hidden)),
        "hidden_weight": golden.parameter(f"{prefix}hidden_weight", (hidden, 4 * hidden)),
        "bias": golden.parameter(f"{prefix}bias", (4 * hidden,)),
    }


def torch_weights(layers: list[dict]) -> list[torch.Tensor]:
    """PyTorch's flat list for nn.LSTM: w_ih, w_hh, b_ih, b_hh of each layer and direction."""
    flat = []
    for layer in layers:
        bias = layer["bias"]
        flat += [layer["input_weight"].T, layer["hidden_weight"].T, bias, torch.zeros_like(bias)]
    return flat


def call_lstm(module: nn.LSTM, layers: list[dict], packed, state):
    """nn.LSTM with the given tensors as weights, differentiable in them."""
    names = [name for group in module._all_weights for name in group]
    weights = dict(zip(names, torch_weights(layers)))
    return torch.func.functional_call(module, weights, (packed, state))


def lstm(name: str, seed: int, layers: int, bidirectional: bool, given: bool) -> Golden:
    inputs, hidden, batch = 13, 19, len(LENGTHS)
    golden = Golden(
        name, seed,
        f"LSTM, {layers} layer(s), bidirectional {bidirectional}, initial state "
        f"{'given' if given else 'zero'}; final states are those after a direction's last "
        "step: the sequence's last step forward, its first step backward",
    )
    lengths = golden.integers("lengths", LENGTHS)
    x = golden.input("x", (sum(LENGTHS), inputs))
    directions = ["forward", "backward"] if bidirectional else ["forward"]
    keys = [f"layers.{layer}.{way}" for layer in range(layers) for way in directions]
    parameters, first = [], {}
    for key in keys:
        width = inputs if key.startswith("layers.0.") else hidden * len(directions)
        parameters.append(lstm_parameters(golden, f"{key}.", width, hidden))
        if given:
            first[key] = tuple(
                golden.input(f"{key}.initial_{part}", (batch, hidden), 0.7)
                for part in ("hidden", "cell")
            )
    module = nn.LSTM(
        inputs, hidden, layers, bidirectional=bidirectional, batch_first=True, dtype=torch.float64
    )
    packed = pack_padded_sequence(
        nn.utils.rnn.pad_sequence(split(x, LENGTHS), batch_first=True),
        lengths, batch_first=True, enforce_sorted=False,
    )
    state = tuple(torch.stack([first[key][i] for key in keys]) for i in (0, 1)) if given else None
    packed, (h, c) = call_lstm(module, parameters, packed, state)
    padded, _ = pad_packed_sequence(packed, batch_first=True)
    outputs = {"y": torch.cat([row[:length] for row, length in zip(padded, LENGTHS)])}
    for i, key in enumerate(keys):
        outputs[f"{key}.final_hidden"], outputs[f"{key}.final_cell"] = h[i], c[i]
    golden.differentiate(outputs)

    def transcription(v):
        result, x = {}, v["x"]
        for layer in range(layers):
            sides = []
            for way in directions:
                key = f"layers.{layer}.{way}"
                y = np.zeros((len(x), hidden))
                finals = np.zeros((2, batch, hidden))
                start = 0
                for b, length in enumerate(LENGTHS):
                    h = v[f"{key}.initial_hidden"][b] if given else np.zeros(hidden)
                    c = v[f"{key}.initial_cell"][b] if given else np.zeros(hidden)
                    steps = range(start, start + length)
                    for t in steps if way == "forward" else reversed(steps):
                        h, c = numpy_cell(v, f"{key}.", x[t] @ v[f"{key}.input_weight"], h, c)
                        y[t] = h
                    finals[0, b], finals[1, b] = h, c
                    start += length
                result[f"{key}.final_hidden"], result[f"{key}.final_cell"] = finals
                sides.append(y)
            x = np.concatenate(sides, 1)
        return result | {"y": x}

    golden.check(transcription, tuple(outputs))
    return golden


def numpy_cell(v, prefix, projected, h, c):
    gates = projected + h @ v[f"{prefix}hidden_weight"] + v[f"{prefix}bias"]
    i, f, g, o = np.split(gates, 4)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


def lstm_unidirectional():
    yield lstm("lstm_unidirectional", 101, 1, False, True)
    yield lstm("lstm_unidirectional_zero_state", 102, 1, False, False)


def lstm_bidirectional():
    yield lstm("lstm_bidirectional", 111, 1, True, True)
    yield lstm("lstm_bidirectional_zero_state", 112, 1, True, False)


def lstm_stacked_bidirectional():
    yield lstm("lstm_stacked_bidirectional", 121, 2, True, True)
    yield lstm("lstm_stacked_bidirectional_zero_state", 122, 2, True, False)


# ---------------------------------------------------------------- attention


def attention_parameters(golden, kind, hidden, memory, width=19, prefix=""):
    if kind == "general":
        golden.parameter(f"{prefix}weight", (hidden, memory))
    if kind == "concat":
        golden.parameter(f"{prefix}query_weight", (hidden, width))
        golden.parameter(f"{prefix}memory_weight", (memory, width))
        golden.parameter(f"{prefix}score_weight", (width,), 0.8)


def scores_of(leaves, kind, queries, memory, prefix=""):
    """Scores [target, source] of one sentence (Luong et al. 2015, eq. 8)."""
    if kind == "dot":
        return queries @ memory.T
    if kind == "general":
        return torch.einsum("th,hm,sm->ts", queries, leaves[f"{prefix}weight"], memory)
    inside = torch.tanh(
        (queries @ leaves[f"{prefix}query_weight"])[:, None, :]
        + (memory @ leaves[f"{prefix}memory_weight"])[None, :, :]
    )
    return torch.einsum("tsa,a->ts", inside, leaves[f"{prefix}score_weight"])


def numpy_attention(v, kind, query, memory, prefix=""):
    """Context and weights of one query."""
    scores = np.empty(len(memory))
    for s, m in enumerate(memory):
        if kind == "dot":
            scores[s] = query @ m
        elif kind == "general":
            scores[s] = query @ v[f"{prefix}weight"] @ m
        else:
            inside = np.tanh(query @ v[f"{prefix}query_weight"] + m @ v[f"{prefix}memory_weight"])
            scores[s] = v[f"{prefix}score_weight"] @ inside
    weights = np.exp(scores - scores.max())
    weights /= weights.sum()
    return weights @ memory, weights


def attention(kind: str, seed: int) -> Golden:
    hidden, width = 19, 19 if kind == "dot" else 23
    golden = Golden(
        f"attention_{kind}", seed,
        f"{kind} attention; output.weights are the matrices [target, source] of the "
        "sentences, row by row, one after the other",
    )
    golden.integers("target_lengths", TARGET_LENGTHS)
    golden.integers("source_lengths", SOURCE_LENGTHS)
    queries = golden.input("queries", (sum(TARGET_LENGTHS), hidden), 0.5)
    memory = golden.input("memory", (sum(SOURCE_LENGTHS), width), 0.5)
    attention_parameters(golden, kind, hidden, width)
    contexts, weights = [], []
    for q, m in zip(split(queries, TARGET_LENGTHS), split(memory, SOURCE_LENGTHS)):
        weights.append(scores_of(golden.leaves, kind, q, m).softmax(1))
        contexts.append(weights[-1] @ m)
    golden.differentiate({"context": torch.cat(contexts)})
    golden.value("weights", torch.cat([w.flatten() for w in weights]))

    def transcription(v):
        contexts, weights = [], []
        for queries, memory in sentences(v, "queries"):
            for query in queries:
                context, weight = numpy_attention(v, kind, query, memory)
                contexts.append(context)
                weights.append(weight)
        return {"context": np.stack(contexts), "weights": np.concatenate(weights)}

    golden.check(transcription, ("context", "weights"))
    return golden


def sentences(v, targets: str):
    return zip(
        np.split(v[targets], np.cumsum(TARGET_LENGTHS)[:-1]),
        np.split(v["memory"], np.cumsum(SOURCE_LENGTHS)[:-1]),
    )


def attention_dot():
    yield attention("dot", 201)


def attention_general():
    yield attention("general", 202)


def attention_concat():
    yield attention("concat", 203)


# ---------------------------------------------------------------- decoders

EMBEDDING, HIDDEN, MEMORY, VECTOR = 11, 19, 23, 19


def decoder_inputs(golden: Golden, layers: int):
    batch = len(TARGET_LENGTHS)
    golden.integers("target_lengths", TARGET_LENGTHS)
    golden.integers("source_lengths", SOURCE_LENGTHS)
    golden.input("embedded", (sum(TARGET_LENGTHS), EMBEDDING))
    golden.input("memory", (sum(SOURCE_LENGTHS), MEMORY), 0.5)
    for layer in range(layers):
        golden.input(f"layers.{layer}.initial_hidden", (batch, HIDDEN), 0.7)
        golden.input(f"layers.{layer}.initial_cell", (batch, HIDDEN), 0.7)


def torch_cell(parameters: dict, x, state):
    """nn.LSTMCell's function with our weights; `x` and the input weight may be lists."""
    bias = parameters["bias"]
    return torch.lstm_cell(
        x, state, parameters["input_weight"].T, parameters["hidden_weight"].T,
        bias, torch.zeros_like(bias),
    )


def luong(feeding: bool, seed: int) -> Golden:
    """Luong et al. 2015: global attention with the general score, eq. 5 and 8."""
    golden = Golden(
        "luong_decoder_input_feeding" if feeding else "luong_decoder", seed,
        "two-layer LSTM decoder, general attention, attentional vector "
        "tanh([context; hidden] combine_weight)"
        + ("; layer 0 reads [embedding; previous attentional vector], zero at first" if feeding else ""),
    )
    decoder_inputs(golden, 2)
    v = golden.leaves
    layers = []
    for layer, width in enumerate((EMBEDDING, HIDDEN)):
        layers.append(lstm_parameters(golden, f"layers.{layer}.", width, HIDDEN))
    if feeding:
        feed = golden.parameter("layers.0.feed_weight", (VECTOR, 4 * HIDDEN))
        layers[0]["input_weight"] = torch.cat([layers[0]["input_weight"], feed])
    attention_parameters(golden, "general", HIDDEN, MEMORY, prefix="attention.")
    combine = golden.parameter("combine_weight", (MEMORY + HIDDEN, VECTOR))

    def attend(hidden, memory):
        weights = scores_of(v, "general", hidden, memory, "attention.").softmax(1)
        return torch.tanh(torch.cat([weights @ memory, hidden], 1) @ combine), weights

    vectors, weights, finals = [], [], []
    for b, (embedded, memory) in enumerate(
        zip(split(v["embedded"], TARGET_LENGTHS), split(v["memory"], SOURCE_LENGTHS))
    ):
        state = [
            tuple(v[f"layers.{layer}.initial_{part}"][b : b + 1] for part in ("hidden", "cell"))
            for layer in (0, 1)
        ]
        if feeding:
            vector = torch.zeros(1, VECTOR, dtype=torch.float64)
            for x in embedded.split(1):
                state[0] = torch_cell(layers[0], torch.cat([x, vector], 1), state[0])
                state[1] = torch_cell(layers[1], state[0][0], state[1])
                vector, weight = attend(state[1][0], memory)
                vectors.append(vector)
                weights.append(weight)
        else:
            x = embedded[None]
            for layer, width in enumerate((EMBEDDING, HIDDEN)):
                module = nn.LSTM(width, HIDDEN, batch_first=True, dtype=torch.float64)
                first = tuple(s[None] for s in state[layer])
                x, (h, c) = call_lstm(module, layers[layer : layer + 1], x, first)
                state[layer] = (h[0], c[0])
            vector, weight = attend(x[0], memory)
            vectors.append(vector)
            weights.append(weight)
        finals.append(state)
    golden.differentiate({"vectors": torch.cat(vectors)})
    others = {"attention_weights": torch.cat([w.flatten() for w in weights])}
    for layer in (0, 1):
        for i, part in enumerate(("hidden", "cell")):
            others[f"layers.{layer}.final_{part}"] = torch.cat([s[layer][i] for s in finals])
    for name, tensor in others.items():
        golden.value(name, tensor)

    def transcription(v):
        vectors, weights = [], []
        finals = {name: [] for name in others if "final" in name}
        for b, (embedded, memory) in enumerate(sentences(v, "embedded")):
            h = [v[f"layers.{layer}.initial_hidden"][b] for layer in (0, 1)]
            c = [v[f"layers.{layer}.initial_cell"][b] for layer in (0, 1)]
            vector = np.zeros(VECTOR)
            for x in embedded:
                projected = x @ v["layers.0.input_weight"]
                if feeding:
                    projected = projected + vector @ v["layers.0.feed_weight"]
                h[0], c[0] = numpy_cell(v, "layers.0.", projected, h[0], c[0])
                projected = h[0] @ v["layers.1.input_weight"]
                h[1], c[1] = numpy_cell(v, "layers.1.", projected, h[1], c[1])
                context, weight = numpy_attention(v, "general", h[1], memory, "attention.")
                vector = np.tanh(np.concatenate([context, h[1]]) @ v["combine_weight"])
                vectors.append(vector)
                weights.append(weight)
            for layer in (0, 1):
                finals[f"layers.{layer}.final_hidden"].append(h[layer])
                finals[f"layers.{layer}.final_cell"].append(c[layer])
        result = {name: np.stack(rows) for name, rows in finals.items()}
        return result | {"vectors": np.stack(vectors), "attention_weights": np.concatenate(weights)}

    golden.check(transcription, ("vectors", *others))
    return golden


def luong_decoder():
    yield luong(False, 301)


def luong_decoder_input_feeding():
    yield luong(True, 302)


def bahdanau_decoder():
    """Bahdanau et al. 2015 with an LSTM: the previous hidden state asks, the context
    enters the cell, and a simplified deep output reads hidden, context and embedding."""
    golden = Golden(
        "bahdanau_decoder", 303,
        "one-layer LSTM reading [embedding; context], concat attention asked by the previous "
        "hidden state, vector tanh([hidden; context; embedding] output_weight)",
    )
    decoder_inputs(golden, 1)
    v = golden.leaves
    own = lstm_parameters(golden, "", EMBEDDING, HIDDEN)
    context_weight = golden.parameter("context_weight", (MEMORY, 4 * HIDDEN))
    own["input_weight"] = torch.cat([own["input_weight"], context_weight])
    attention_parameters(golden, "concat", HIDDEN, MEMORY, prefix="attention.")
    output_weight = golden.parameter("output_weight", (HIDDEN + MEMORY + EMBEDDING, VECTOR))
    vectors, weights, finals = [], [], []
    for b, (embedded, memory) in enumerate(
        zip(split(v["embedded"], TARGET_LENGTHS), split(v["memory"], SOURCE_LENGTHS))
    ):
        state = (v["layers.0.initial_hidden"][b : b + 1], v["layers.0.initial_cell"][b : b + 1])
        for x in embedded.split(1):
            weight = scores_of(v, "concat", state[0], memory, "attention.").softmax(1)
            context = weight @ memory
            state = torch_cell(own, torch.cat([x, context], 1), state)
            vectors.append(torch.tanh(torch.cat([state[0], context, x], 1) @ output_weight))
            weights.append(weight)
        finals.append(state)
    golden.differentiate({"vectors": torch.cat(vectors)})
    others = {
        "attention_weights": torch.cat([w.flatten() for w in weights]),
        "layers.0.final_hidden": torch.cat([h for h, _ in finals]),
        "layers.0.final_cell": torch.cat([c for _, c in finals]),
    }
    for name, tensor in others.items():
        golden.value(name, tensor)

    def transcription(v):
        vectors, weights, hs, cs = [], [], [], []
        for b, (embedded, memory) in enumerate(sentences(v, "embedded")):
            h, c = v["layers.0.initial_hidden"][b], v["layers.0.initial_cell"][b]
            for x in embedded:
                context, weight = numpy_attention(v, "concat", h, memory, "attention.")
                projected = x @ v["input_weight"] + context @ v["context_weight"]
                h, c = numpy_cell(v, "", projected, h, c)
                vectors.append(np.tanh(np.concatenate([h, context, x]) @ v["output_weight"]))
                weights.append(weight)
            hs.append(h)
            cs.append(c)
        return {
            "vectors": np.stack(vectors), "attention_weights": np.concatenate(weights),
            "layers.0.final_hidden": np.stack(hs), "layers.0.final_cell": np.stack(cs),
        }

    golden.check(transcription, ("vectors", *others))
    yield golden


# ---------------------------------------------------------------- loss


def cross_entropy():
    rows, hidden, vocabulary, smoothing = 37, 19, 53, 0.1
    golden = Golden(
        "cross_entropy", 401,
        "linear layer, log-softmax, cross-entropy summed over rows, smoothed with 0.1 spread over "
        "all classes (gradient.*) and plain (gradient.plain.*)",
    )
    golden.constant("label_smoothing", smoothing)
    x = golden.input("hidden", (rows, hidden))
    weight = golden.parameter("weight", (hidden, vocabulary))
    bias = golden.parameter("bias", (vocabulary,))
    targets = golden.integers("targets", golden.random.integers(0, vocabulary, rows))
    logits = x @ weight + bias
    leaves = {"hidden": x, "weight": weight, "bias": bias}
    for prefix, output, epsilon in (("", "smoothed_loss", smoothing), ("plain.", "loss", 0.0)):
        loss = F.cross_entropy(logits, targets, reduction="sum", label_smoothing=epsilon)
        golden.value(output, loss[None])
        gradients = torch.autograd.grad(loss, list(leaves.values()), retain_graph=True)
        for name, gradient in zip(leaves, gradients):
            golden.stored[f"gradient.{prefix}{name}"] = rounded(gradient)
    golden.weightings = {"smoothed_loss": np.ones(1)}

    def transcription(v):
        smoothed = plain = 0.0
        for row, target in zip(v["hidden"] @ v["weight"] + v["bias"], targets.tolist()):
            log_probability = row - np.log(np.exp(row).sum())
            goal = np.full(vocabulary, smoothing / vocabulary)
            goal[target] += 1 - smoothing
            smoothed -= goal @ log_probability
            plain -= log_probability[target]
        return {"smoothed_loss": np.array([smoothed]), "loss": np.array([plain])}

    golden.check(transcription, ("smoothed_loss", "loss"))
    yield golden


# ---------------------------------------------------------------- small operations


def operations():
    golden = Golden(
        "operations", 501,
        "small operations over rows: input.OP.*, parameter.OP.*, output.OP, gradient.OP.*; "
        "layer_norm epsilon 1e-5; gelu is the exact one, gelu_tanh its approximation",
    )

    def operation(name, output, leaves):
        weighting = golden.draw(tuple(output.shape), 1.0)
        golden.stored[f"input.{name}.grad_output"] = weighting
        golden.value(name, output)
        objective = (output * torch.tensor(weighting, dtype=torch.float64)).sum()
        for key, gradient in zip(leaves, torch.autograd.grad(objective, list(leaves.values()))):
            golden.stored[f"gradient.{name}.{key}"] = rounded(gradient)

    rows, features = 9, 37
    x = golden.input("layer_norm.x", (rows, features), 2.0)
    scale = golden.parameter("layer_norm.scale", (features,), 1.0)
    offset = golden.parameter("layer_norm.offset", (features,), 1.0)
    y = F.layer_norm(x, (features,), scale, offset, 1e-5)
    operation("layer_norm", y, {"x": x, "scale": scale, "offset": offset})

    elementwise = {
        "softmax": lambda x: x.softmax(1),
        "log_softmax": lambda x: x.log_softmax(1),
        "gelu": F.gelu,
        "gelu_tanh": lambda x: F.gelu(x, approximate="tanh"),
        "relu": torch.relu,
        "tanh": torch.tanh,
        "sigmoid": torch.sigmoid,
    }
    for name, function in elementwise.items():
        x = golden.input(f"{name}.x", (rows, features), 2.5)
        operation(name, function(x), {"x": x})

    ids = golden.integers("embedding.ids", [3, 0, 7, 3, 3, 10, 0, 5, 7, 3])
    table = golden.parameter("embedding.table", (11, 13))
    operation("embedding", F.embedding(ids, table), {"table": table})

    x = golden.input("linear.x", (rows, features))
    weight = golden.parameter("linear.weight", (features, 21))
    bias = golden.parameter("linear.bias", (21,))
    operation("linear", F.linear(x, weight.T, bias), {"x": x, "weight": weight, "bias": bias})
    yield golden


# ---------------------------------------------------------------- optimizers


def optimizer(name, seed, make, description, constants) -> Golden:
    """Ten steps; each gradient passes clip_grad_norm_ first. The gradients grow, so
    that the early ones stay below the limit and the late ones are clipped."""
    count, steps, limit = 23, 10, 2.0
    golden = Golden(name, seed, description)
    for key, value in {"maximum_norm": limit, **constants}.items():
        golden.constant(key, value)
    initial = golden.draw((count,), 1.0)
    growth = np.linspace(0.1, 2.0, steps)[:, None]
    gradients = (golden.random.standard_normal((steps, count)) * growth).astype(np.float32)
    golden.stored["parameter.initial"] = initial
    golden.stored["input.gradients"] = gradients
    parameter = nn.Parameter(torch.tensor(initial, dtype=torch.float64))
    update = make([parameter])
    norms, clipped, trace = [], [], []
    for gradient in gradients:
        parameter.grad = torch.tensor(gradient, dtype=torch.float64)
        norms.append(nn.utils.clip_grad_norm_([parameter], limit))
        clipped.append(parameter.grad.clone())
        update.step()
        trace.append(parameter.detach().clone())
    golden.value("norms", torch.stack(norms))
    golden.value("clipped_gradients", torch.stack(clipped))
    golden.value("parameters", torch.stack(trace))
    below = sum(float(norm) < limit for norm in norms)
    assert 2 <= below <= 8, "both sides of the limit are to be exercised"
    return golden


def numpy_adam(golden: Golden, rate, beta1, beta2, epsilon):
    """Kingma & Ba 2015, algorithm 1."""
    value = golden.stored["parameter.initial"].astype(np.float64)
    m, s = np.zeros_like(value), np.zeros_like(value)
    for t, gradient in enumerate(golden.stored["output.clipped_gradients"].astype(np.float64), 1):
        m = beta1 * m + (1 - beta1) * gradient
        s = beta2 * s + (1 - beta2) * gradient**2
        value = value - rate * (m / (1 - beta1**t)) / (np.sqrt(s / (1 - beta2**t)) + epsilon)
        assert_close(f"adam step {t}", value, golden.stored["output.parameters"][t - 1])


def adam():
    rate, betas, epsilon = 0.01, (0.9, 0.999), 1e-8
    golden = optimizer(
        "adam", 601, lambda p: torch.optim.Adam(p, lr=rate, betas=betas, eps=epsilon),
        "torch.optim.Adam; row t of output.* is after step t + 1",
        {"learning_rate": rate, "beta1": betas[0], "beta2": betas[1], "epsilon": epsilon},
    )
    numpy_adam(golden, rate, *betas, epsilon)
    yield golden


def sgd():
    rate, momentum = 0.05, 0.9
    yield optimizer(
        "sgd", 611, lambda p: torch.optim.SGD(p, lr=rate),
        "torch.optim.SGD; row t of output.* is after step t + 1", {"learning_rate": rate},
    )
    yield optimizer(
        "sgd_momentum", 612, lambda p: torch.optim.SGD(p, lr=rate, momentum=momentum),
        "torch.optim.SGD with momentum: v = momentum v + g, p = p - rate v, v = g at first",
        {"learning_rate": rate, "momentum": momentum},
    )


def main():
    root = Path(__file__).resolve().parents[2]
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else root / "Tests" / "Goldens"
    folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    for make in (
        lstm_unidirectional, lstm_bidirectional, lstm_stacked_bidirectional,
        attention_dot, attention_general, attention_concat,
        luong_decoder, luong_decoder_input_feeding, bahdanau_decoder,
        cross_entropy, operations, adam, sgd,
    ):
        for golden in make():
            golden.save(folder)


if __name__ == "__main__":
    main()
