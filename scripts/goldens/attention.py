#!/usr/bin/env python3
"""Makes Tests/Goldens/attention_forms.safetensors and attention_pieces.safetensors:
reference outputs and gradients of every form of attention for recurrent decoders.

    python scripts/goldens/attention.py [FOLDER]          (default: Tests/Goldens)

Needs torch, numpy and safetensors. The formulas are transcribed from the papers, one
query at a time in float64, and differentiated by autograd; sparsemax is computed by
the sorting algorithm of the paper. Names and conventions are those of layers_make.py,
with the name of the form in front: `general.local_p.input.queries`.
"""

import sys
from pathlib import Path

import numpy as np
import torch
from layers_make import Golden
from safetensors.numpy import save_file

SOURCE_LENGTHS = [5, 1, 12, 7]
TARGET_LENGTHS = [3, 2, 4, 1]
QUERY, WINDOW, MAXIMUM_SOURCE = 6, 2, 9
LARGEST_FERTILITY, FIRST_OFFSET = 2, -1


def sparsemax(z):
    """Martins & Astudillo 2016, algorithm 1."""
    ordered, _ = torch.sort(z, descending=True)
    sums = torch.cumsum(ordered, 0)
    k = torch.arange(1, len(z) + 1, dtype=z.dtype)
    support = int(((1 + k * ordered) > sums).sum())
    threshold = (sums[support - 1] - 1) / support
    return torch.clamp(z - threshold, min=0)


def soft_monotonic(choice, previous):
    """Raffel et al. 2017, eq. 8: the sum over where the last step stopped."""
    weights = []
    for j in range(len(choice)):
        arrival = sum(
            previous[k] * torch.prod(1 - choice[k:j]) for k in range(j + 1)
        )
        weights.append(choice[j] * arrival)
    return torch.stack(weights)


class Form:
    def __init__(self, golden, memory, score="general", range="global", heads=1,
                 normalization="softmax", coverage="none", coverage_loss=0.7):
        self.score, self.range, self.heads = score, range, heads
        self.normalization, self.coverage = normalization, coverage
        self.coverage_loss = coverage_loss
        p = self.p = {}

        def parameter(name, *shape, scale=0.5):
            p[name] = golden.parameter(name, shape, scale)

        keyed = score in ("dot", "scaled_dot", "general", "concat")
        if keyed and (score in ("general", "concat") or heads > 1):
            parameter("key_weight", memory, QUERY)
        if score == "concat" or heads > 1:
            parameter("query_weight", QUERY, QUERY)
        if heads > 1:
            parameter("value_weight", memory, memory)
        if score == "concat":
            parameter("v", QUERY, scale=1.0)
        if score == "location":
            parameter("location_weight", QUERY, MAXIMUM_SOURCE)
        if range in ("local_p", "hybrid"):
            parameter("position_weight", QUERY, QUERY)
            parameter("position_v", QUERY, scale=1.0)
        if range == "hybrid":
            parameter("gate_weight", QUERY)
            parameter("gate_bias", 1)
        if coverage != "none":
            parameter("coverage_weight", QUERY if score == "concat" else heads)
        if coverage == "tu":
            parameter("fertility_weight", memory)
        if normalization == "soft_monotonic":
            parameter("monotonic_offset", 1)

    def part(self, vector, head):
        width = vector.shape[-1] // self.heads
        return vector[..., head * width : (head + 1) * width]

    def scores(self, h, memory, head, covered):
        """One number a source position."""
        p, length = self.p, len(memory)
        term = 0
        if self.coverage != "none" and self.score != "concat":
            term = covered * self.part(p["coverage_weight"], head)
        if self.score == "fixed":
            return torch.zeros(length, dtype=h.dtype)
        if self.score == "location":
            known = h @ p["location_weight"]
            beyond = torch.zeros(max(0, length - MAXIMUM_SOURCE), dtype=h.dtype)
            return torch.cat([known, beyond])[:length] + term
        query = h @ p["query_weight"] if "query_weight" in p else h
        keys = memory @ p["key_weight"] if "key_weight" in p else memory
        query, keys = self.part(query, head), self.part(keys, head)
        if self.score == "concat":
            inside = query + keys
            if self.coverage != "none":
                inside = inside + covered[:, None] * self.part(p["coverage_weight"], head)
            return torch.tanh(inside) @ self.part(p["v"], head)
        scale = 1 / np.sqrt(len(query)) if self.score == "scaled_dot" else 1
        return scale * (keys @ query) + term

    def normalize(self, scores):
        return sparsemax(scores) if self.normalization == "sparsemax" else torch.softmax(scores, 0)

    def local(self, scores, center, gaussian):
        """Weights within the window around the center, zero elsewhere."""
        places = torch.arange(len(scores), dtype=scores.dtype)
        distance = (places - center).abs()
        assert ((distance.detach() - WINDOW).abs() > 1e-3).all() or not gaussian
        inside = torch.nonzero(distance <= WINDOW).flatten()
        weights = self.normalize(scores[inside])
        if gaussian:
            sigma = WINDOW / 2
            weights = weights * torch.exp(-((inside - center) ** 2) / (2 * sigma**2))
        return torch.zeros_like(scores).index_put((inside,), weights)

    def weights(self, h, scores, step, previous):
        p, length = self.p, len(scores)
        if self.normalization == "soft_monotonic":
            r = p["monotonic_offset"] + FIRST_OFFSET
            return soft_monotonic(torch.sigmoid(scores + r), previous)
        if self.range == "global":
            return self.normalize(scores)
        if self.range == "local_m":
            center = torch.tensor(float(min(step, length - 1)), dtype=h.dtype)
            return self.local(scores, center, gaussian=False)
        center = length * torch.sigmoid(torch.tanh(h @ p["position_weight"]) @ p["position_v"])
        local = self.local(scores, center, gaussian=True)
        if self.range == "local_p":
            return local
        gate = torch.sigmoid(h @ p["gate_weight"] + p["gate_bias"])
        return gate * self.normalize(scores) + (1 - gate) * local

    def sentence(self, queries, memory):
        """Contexts, weights and loss of the queries of one sentence, one after the other."""
        p, length = self.p, len(memory)
        total = torch.zeros(length, dtype=memory.dtype)
        previous = torch.zeros(length, dtype=memory.dtype)
        previous[0] = 1
        contexts, alignments, loss = [], [], 0
        values = memory @ p["value_weight"] if self.heads > 1 else memory
        for step, h in enumerate(queries):
            covered = total
            if self.coverage == "tu":
                covered = total / (
                    LARGEST_FERTILITY * torch.sigmoid(memory @ p["fertility_weight"])
                )
            weights = [
                self.weights(h, self.scores(h, memory, head, covered), step, previous)
                for head in range(self.heads)
            ]
            context = torch.cat(
                [w @ self.part(values, head) for head, w in enumerate(weights)]
            )
            contexts.append(context)
            mean = sum(weights) / self.heads
            alignments.append(mean)
            if self.coverage == "see":
                loss = loss + self.coverage_loss * torch.minimum(mean, total).sum()
            total = total + mean
            previous = weights[0]
        return contexts, alignments, loss


def forms():
    scores = ("dot", "scaled_dot", "general", "concat", "location", "fixed")
    ranges = ("global", "local_m", "local_p", "hybrid")
    for score in scores:
        for range in ranges:
            yield f"{score}.{range}", dict(score=score, range=range)
    for range in ranges:
        yield f"sparsemax.{range}", dict(range=range, normalization="sparsemax")
    for score in ("dot", "concat", "location"):
        yield f"sparsemax.{score}", dict(score=score, normalization="sparsemax")
    for coverage in ("see", "tu"):
        for score in ("general", "concat", "location"):
            yield f"{coverage}.{score}", dict(score=score, coverage=coverage)
        yield f"{coverage}.hybrid", dict(score="concat", range="hybrid", coverage=coverage)
        yield f"{coverage}.heads", dict(score="concat", heads=2, coverage=coverage)
    yield "see.heads_general", dict(heads=2, coverage="see")
    for score in ("general", "concat", "location"):
        yield f"soft_monotonic.{score}", dict(score=score, normalization="soft_monotonic")
    yield "soft_monotonic.see", dict(normalization="soft_monotonic", coverage="see")
    for score in ("dot", "scaled_dot", "general", "concat"):
        yield f"heads.{score}", dict(score=score, heads=2)
    for range in ranges[1:]:
        yield f"heads.{range}", dict(score="concat", range=range, heads=2)


def make_forms():
    stored = {}
    for number, (name, options) in enumerate(forms()):
        golden = Golden(name, 1000 + number, "")
        equal = options.get("score") in ("dot", "scaled_dot") and options.get("heads", 1) == 1
        memory_width = QUERY if equal else 8
        queries = golden.input("queries", (sum(TARGET_LENGTHS), QUERY))
        memory = golden.input("memory", (sum(SOURCE_LENGTHS), memory_width))
        form = Form(golden, memory_width, **options)
        contexts, weights, loss = [], [], 0
        for q, m in zip(queries.split(TARGET_LENGTHS), memory.split(SOURCE_LENGTHS)):
            found = form.sentence(q, m)
            contexts += found[0]
            weights += found[1]
            loss = loss + found[2]
        outputs = {"context": torch.stack(contexts), "weights": torch.cat(weights)}
        if form.coverage == "see":
            outputs["loss"] = loss
        # A form whose weights do not depend on its inputs still has gradients: zeros.
        nothing = sum(leaf.sum() for leaf in golden.leaves.values()) * 0
        outputs["weights"] = outputs["weights"] + nothing
        golden.differentiate(outputs)
        stored |= {f"{name}.{key}": value for key, value in golden.stored.items()}
    for key, lengths in (("source_lengths", SOURCE_LENGTHS), ("target_lengths", TARGET_LENGTHS)):
        stored[key] = np.asarray(lengths, dtype=np.int32)
    return stored


def make_pieces():
    """Guided alignment (Chen et al. 2016, eq. 7, with a mean over links), sparsemax and
    the monotonic expectation on hard cases."""
    stored = {}

    def add(name, golden):
        stored.update({f"{name}.{key}": value for key, value in golden.stored.items()})

    links = [(0, 1), (0, 4), (1, 0), (3, 0), (5, 2), (5, 3), (5, 11)]
    rows = [(sentence, length) for sentence, length in enumerate(TARGET_LENGTHS)
            for _ in range(length)]
    golden = Golden("guided", 1101, "")
    golden.integers("links", np.asarray(links).reshape(-1))
    scores = golden.input("scores", (sum(SOURCE_LENGTHS[s] for s, _ in rows),))
    parts = scores.split([SOURCE_LENGTHS[s] for s, _ in rows])
    loss = 0
    for row, part in enumerate(parts):
        weights = torch.softmax(part, 0)
        chosen = [weights[position] for query, position in links if query == row]
        if chosen:
            loss = loss - torch.log(torch.stack(chosen) + 1e-6).mean()
    golden.differentiate({"loss": loss})
    add("guided", golden)

    golden = Golden("sparsemax", 1102, "")
    scores = golden.input("scores", (sum(SOURCE_LENGTHS),), 1.0)
    golden.differentiate(
        {"weights": torch.cat([sparsemax(part) for part in scores.split(SOURCE_LENGTHS)])}
    )
    add("sparsemax", golden)

    golden = Golden("monotonic", 1103, "")
    choice = golden.input("choice", (sum(SOURCE_LENGTHS),))
    previous = golden.input("previous", (sum(SOURCE_LENGTHS),))
    # Probabilities that include 0 and 1 exactly.
    clipped = np.clip(choice.detach().numpy() + 0.5, 0, 1)
    shares = np.abs(previous.detach().numpy()) / 10
    assert (clipped == 0).any() and (clipped == 1).any()
    for name, tensor, value in (("choice", choice, clipped), ("previous", previous, shares)):
        stored32 = value.astype(np.float32)
        golden.stored[f"input.{name}"] = stored32
        tensor.data = torch.tensor(stored32, dtype=torch.float64)
    golden.differentiate({"weights": torch.cat([
        soft_monotonic(c, p)
        for c, p in zip(choice.split(SOURCE_LENGTHS), previous.split(SOURCE_LENGTHS))
    ])})
    add("monotonic", golden)
    for key, lengths in (("source_lengths", SOURCE_LENGTHS), ("target_lengths", TARGET_LENGTHS)):
        stored[key] = np.asarray(lengths, dtype=np.int32)
    return stored


def main():
    root = Path(__file__).resolve().parents[2]
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else root / "Tests" / "Goldens"
    torch.set_num_threads(1)
    for name, arrays in (("attention_forms", make_forms()), ("attention_pieces", make_pieces())):
        for key, value in arrays.items():
            assert value.dtype in (np.float32, np.int32) and np.isfinite(value).all(), key
        path = folder / f"{name}.safetensors"
        save_file({k: np.ascontiguousarray(v) for k, v in arrays.items()}, path)
        print(f"{path.name}  {path.stat().st_size} bytes, {len(arrays)} tensors")


if __name__ == "__main__":
    main()
