#!/usr/bin/env python3
"""The common work in PyTorch: a Luong encoder-decoder on Multi30k English-German.

    pytorch_rnn.py train     --data DIR --work DIR [--cell gru] [--input-feeding] [--bf16] ...
    pytorch_rnn.py translate --data DIR --work DIR [--cell gru] [--beam 5] [--one-at-a-time] ...

Both subcommands end with one line of JSON on standard output. README.md says
what is measured and which settings of PyTorch were tried and kept.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

# glibc returns large blocks to the kernel after each use by default, and the page
# faults cost PyTorch about a tenth of its time; these settings keep them, and ask for
# large pages.
ALLOCATOR = {
    "MALLOC_MMAP_THRESHOLD_": "4294967296",
    "MALLOC_TRIM_THRESHOLD_": "8589934592",
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
}
# MKL, which PyTorch calls for float32 products, leaves its AVX-512 code to processors
# that name Intel as their maker. Its answer to that question can be overridden.
MKL_OVERRIDE = "int mkl_serv_intel_cpu_true(void) { return 1; }\n"


def tuned_environment(arguments: argparse.Namespace) -> dict[str, str]:
    wanted = {} if arguments.plain_allocator else dict(ALLOCATOR)
    if not arguments.stock_mkl and mkl_wants_override():
        library = arguments.work.resolve() / "mkl_override.so"
        if not library.exists():
            arguments.work.mkdir(parents=True, exist_ok=True)
            command = ["cc", "-shared", "-fPIC", "-x", "c", "-o", str(library), "-"]
            subprocess.run(command, input=MKL_OVERRIDE, text=True, check=True)
        wanted["LD_PRELOAD"] = str(library)
    return wanted


def mkl_wants_override() -> bool:
    try:
        processor = Path("/proc/cpuinfo").read_text()
    except OSError:
        return False
    return "AuthenticAMD" in processor and "avx512f" in processor and bool(shutil.which("cc"))


def restart_tuned(arguments: argparse.Namespace):
    """Runs the program again in the environment it wants, unless it has it: the
    allocator and the loader read theirs before the first line of Python."""
    wanted = tuned_environment(arguments)
    if any(os.environ.get(key) != value for key, value in wanted.items()):
        os.environ.update(wanted)
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


import sentencepiece
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

UNKNOWN, BEGIN, END = 0, 1, 2  # SentencePiece's default ids
IGNORED = -100

EMBEDDING, HIDDEN, LAYERS, DROPOUT, SMOOTHING = 256, 512, 2, 0.3, 0.1


# ---------------------------------------------------------------- data


def read_lines(path: Path) -> list[str]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="\n") as file:
        return [line.rstrip("\r\n").lower() for line in file]


def part_paths(arguments: argparse.Namespace, part: str) -> tuple[Path, Path]:
    """The two files of `part`: given by name, or looked for in --data."""
    names = {"train": "train", "valid": "val", "test": "test_2016_flickr"}
    found = []
    for side, language in (("source", "en"), ("target", "de")):
        given = getattr(arguments, f"{part}_{side}")
        if given is None:
            plain = arguments.data / f"{names[part]}.{language}"
            given = plain if plain.exists() else plain.with_name(plain.name + ".gz")
        found.append(given)
    return found[0], found[1]


def read_pairs(arguments: argparse.Namespace, part: str) -> tuple[list[str], list[str]]:
    source, target = (read_lines(path) for path in part_paths(arguments, part))
    if len(source) != len(target):
        sys.exit(f"{part}: {len(source)} source lines, {len(target)} target lines")
    return source, target


def load_tokenizer(arguments: argparse.Namespace) -> sentencepiece.SentencePieceProcessor:
    model = arguments.spm or arguments.work / "joint8000.model"
    if not model.exists():
        if arguments.spm:
            sys.exit(f"{model}: no such SentencePiece model")
        source, target = read_pairs(arguments, "train")
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(source + target),
            model_prefix=str(model.with_suffix("")),
            model_type="unigram",
            vocab_size=8000,
            character_coverage=1.0,
            num_threads=1,
            minloglevel=2,
        )
    return sentencepiece.SentencePieceProcessor(model_file=str(model))


class Batch:
    """Up to 64 sentence pairs, padded, batch first."""

    def __init__(self, pairs: list[tuple[list[int], list[int]]]):
        # Longest source first is the order that packing wants; with it PyTorch need not permute.
        pairs = sorted(pairs, key=lambda pair: -len(pair[0]))
        self.lengths = torch.tensor([len(source) for source, _ in pairs])
        self.source = pad([source for source, _ in pairs], UNKNOWN)
        self.target_input = pad([[BEGIN, *target] for _, target in pairs], UNKNOWN)
        self.target_output = pad([[*target, END] for _, target in pairs], IGNORED)
        self.tokens = sum(len(target) + 1 for _, target in pairs)
        self.source_tokens = int(self.lengths.sum())
        # The output layer works on rows that exist only.
        self.rows = None
        if self.tokens != self.target_output.numel():
            self.rows = (self.target_output.flatten() != IGNORED).nonzero().flatten()
        self.labels = self.target_output.flatten()
        if self.rows is not None:
            self.labels = self.labels[self.rows]
        self.mask = length_mask(self.lengths)


def pad(rows: list[list[int]], value: int) -> torch.Tensor:
    width = max(map(len, rows))
    return torch.tensor([row + [value] * (width - len(row)) for row in rows])


def length_mask(lengths: torch.Tensor) -> torch.Tensor | None:
    """Additive mask `[batch, 1, source]`, or nothing where all lengths are equal."""
    longest = int(lengths.max())
    if int(lengths.min()) == longest:
        return None
    padding = torch.arange(longest)[None, :] >= lengths[:, None]
    return torch.zeros(padding.shape).masked_fill_(padding, float("-inf"))[:, None, :]


def make_batches(arguments, tokenizer, part: str) -> list[Batch]:
    source, target = read_pairs(arguments, part)
    pairs = list(zip(tokenizer.encode(source), tokenizer.encode(target), strict=True))
    pairs = [(s, t) for s, t in pairs if s and t]
    pairs.sort(key=lambda pair: (len(pair[1]), len(pair[0])))
    return [Batch(pairs[i : i + 64]) for i in range(0, len(pairs), 64)]


# ---------------------------------------------------------------- model



# A state is a tuple: (h, c) of an LSTM, (h,) of a GRU. PyTorch's layers take and give
# the latter as a bare tensor.
LAYER = {"lstm": nn.LSTM, "gru": nn.GRU}
CELL = {"lstm": nn.LSTMCell, "gru": nn.GRUCell}


def packed_state(state):
    return state if len(state) > 1 else state[0]


def unpacked_state(state):
    return state if isinstance(state, tuple) else (state,)


class InputFeedingDecoder(nn.Module):
    """Cells whose first layer reads [embedding; previous attentional vector]."""

    def __init__(self, cell: str):
        super().__init__()
        widths = [EMBEDDING + HIDDEN] + [HIDDEN] * (LAYERS - 1)
        self.cells = nn.ModuleList(CELL[cell](width, HIDDEN) for width in widths)

    def forward(self, x, feed, states):
        x = torch.cat([x, feed.to(x.dtype)], 1)
        new = []
        for layer, (cell, state) in enumerate(zip(self.cells, states)):
            if layer:
                x = F.dropout(x, DROPOUT, self.training)
            new.append(unpacked_state(cell(x, packed_state(state))))
            x = new[-1][0]
        return x, new


class Model(nn.Module):
    def __init__(self, pieces: int, input_feeding: bool, cell: str = "lstm"):
        super().__init__()
        self.input_feeding, self.cell = input_feeding, cell
        self.source_embedding = nn.Embedding(pieces, EMBEDDING)
        self.target_embedding = nn.Embedding(pieces, EMBEDDING)
        self.encoder = LAYER[cell](
            EMBEDDING, HIDDEN // 2, LAYERS, dropout=DROPOUT, bidirectional=True, batch_first=True
        )
        if input_feeding:
            self.decoder = InputFeedingDecoder(cell)
        else:
            self.decoder = LAYER[cell](EMBEDDING, HIDDEN, LAYERS, dropout=DROPOUT, batch_first=True)
        self.attention = nn.Linear(HIDDEN, HIDDEN, bias=False)
        self.combine = nn.Linear(2 * HIDDEN, HIDDEN, bias=False)
        self.output = nn.Linear(HIDDEN, pieces)
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -0.08, 0.08)
        # With input feeding attention is called at each step, and compiling it loses.
        self.worth_compiling = [] if input_feeding else ["attend"]

    def drop(self, x):
        return F.dropout(x, DROPOUT, self.training)

    def encode(self, source, lengths):
        """Memory `[batch, source, 512]` and per layer the state, tensors of `[batch, 512]`."""
        x = self.drop(self.source_embedding(source))
        if int(lengths.min()) == source.shape[1]:
            # Nothing to mask: the plain batch goes to oneDNN's recurrent primitive.
            memory, state = self.encoder(x)
        else:
            packed = pack_padded_sequence(x, lengths, batch_first=True)
            packed, state = self.encoder(packed)
            memory, _ = pad_packed_sequence(packed, batch_first=True)
        # [layers * 2, batch, 256] to [layers, batch, 512]
        join = lambda s: s.unflatten(0, (LAYERS, 2)).transpose(1, 2).flatten(2)
        return memory, list(zip(*(join(part).unbind(0) for part in unpacked_state(state))))

    def attend(self, hidden, keys, memory, mask):
        """Attentional vectors of `hidden` `[batch, target, 512]`.
        keys: memory times the matrix of the general score (h_t^T W h_s)."""
        scores = torch.bmm(hidden, keys.transpose(1, 2))
        if mask is not None:
            scores = scores + mask
        context = torch.bmm(scores.softmax(2).to(memory.dtype), memory)
        return torch.tanh(self.combine(torch.cat([context, hidden.to(context.dtype)], 2)))

    def step_vector(self, x, feed, states, keys, memory, mask):
        hidden, states = self.decoder(x, feed, states)
        vector = self.attend(hidden.unsqueeze(1), keys, memory, mask)
        return self.drop(vector.squeeze(1)), states

    def attentional(self, batch: Batch):
        """Attentional vectors of a whole batch, teacher forced, `[rows, 512]`."""
        memory, states = self.encode(batch.source, batch.lengths)
        embedded = self.drop(self.target_embedding(batch.target_input))
        keys = self.attention(memory)
        if self.input_feeding:
            feed = embedded.new_zeros(embedded.shape[0], HIDDEN)
            steps = []
            for x in embedded.unbind(1):
                feed, states = self.step_vector(x, feed, states, keys, memory, batch.mask)
                steps.append(feed)
            vectors = torch.stack(steps, 1)
        else:
            state = tuple(torch.stack(part) for part in zip(*states))
            hidden, _ = self.decoder(embedded, packed_state(state))
            vectors = self.drop(self.attend(hidden, keys, memory, batch.mask))
        vectors = vectors.flatten(0, 1)
        return vectors if batch.rows is None else vectors.index_select(0, batch.rows)

    def pack(self):
        """Prepares the fast decoding step: every weight in oneDNN's own layout."""
        if self.input_feeding:
            cells = [(c.weight_ih, c.weight_hh, c.bias_ih, c.bias_hh) for c in self.decoder.cells]
        else:
            flat = self.decoder._flat_weights
            cells = [flat[4 * layer : 4 * layer + 4] for layer in range(LAYERS)]
        pack = PackedLSTM if self.cell == "lstm" else PackedGRU
        self.packed_cells = [pack(*weights) for weights in cells]
        self.combine_packed = PackedLinear(self.combine.weight, None)
        self.output_packed = PackedLinear(self.output.weight, self.output.bias)

    def step(self, tokens, feed, states, keys, memory, mask):
        """One decoding step: tokens `[sentences * beam]`, memory `[sentences, source, 512]`.
        Returns logits, the attentional vectors and the new states."""
        hidden, new = self.target_embedding(tokens), []
        if self.input_feeding:
            hidden = torch.cat([hidden, feed], 1)
        for cell, state in zip(self.packed_cells, states):
            new.append(cell(hidden, *state))
            hidden = new[-1][0]
        grouped = hidden.view(memory.shape[0], -1, HIDDEN)
        scores = torch.bmm(grouped, keys.transpose(1, 2))
        if mask is not None:
            scores += mask
        context = torch.bmm(scores.softmax(2), memory).view_as(hidden)
        vectors = self.combine_packed(torch.cat([context, hidden], 1)).tanh_()
        return self.output_packed(vectors), vectors, new


class PackedLinear:
    """A linear layer for inference, its weight packed once: what torch.compile makes of
    nn.Linear when weights are frozen. From 1.2 (320 rows) to 4 times (5 rows) as fast."""

    def __init__(self, weight, bias):
        self.weight = torch.ops.mkldnn._reorder_linear_weight(weight.detach().contiguous(), 64)
        self.bias = None if bias is None else bias.detach()

    def __call__(self, x):
        return torch.ops.mkldnn._linear_pointwise(x, self.weight, self.bias, "none", [], "")


class PackedLSTM:
    """One step of an LSTM layer for inference, both products in one."""

    def __init__(self, input_weight, hidden_weight, input_bias, hidden_bias):
        weight = torch.cat([input_weight, hidden_weight], 1)
        self.linear = PackedLinear(weight, input_bias + hidden_bias)

    def __call__(self, x, h, c):
        i, f, g, o = self.linear(torch.cat([x, h], 1)).chunk(4, 1)
        c = f.sigmoid_().mul_(c).addcmul_(i.sigmoid_(), g.tanh_())
        return c.tanh().mul_(o.sigmoid_()), c


class PackedGRU:
    """One step of a GRU layer for inference; the reset gate keeps its products apart."""

    def __init__(self, input_weight, hidden_weight, input_bias, hidden_bias):
        self.input = PackedLinear(input_weight, input_bias)
        self.hidden = PackedLinear(hidden_weight, hidden_bias)

    def __call__(self, x, h):
        r, z, n = self.input(x).chunk(3, 1)
        hidden_r, hidden_z, hidden_n = self.hidden(h).chunk(3, 1)
        n = n.addcmul(r.add_(hidden_r).sigmoid_(), hidden_n).tanh_()
        return (torch.lerp(n, h, z.add_(hidden_z).sigmoid_()),)


# ---------------------------------------------------------------- training


def peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def prepare(arguments):
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    arguments.work.mkdir(parents=True, exist_ok=True)


def checkpoint_path(arguments) -> Path:
    cell = "" if arguments.cell == "lstm" else f"_{arguments.cell}"
    feeding = "_input_feeding" if arguments.input_feeding else ""
    return arguments.checkpoint or arguments.work / f"pytorch{cell}{feeding}.pt"


def make_model(arguments, pieces: int) -> nn.Module:
    return Model(pieces, arguments.input_feeding, arguments.cell)


class Loss(nn.Module):
    """Mean over the target tokens of the cross-entropy of a batch. With --compile the
    output layer is fused, and what else the model names."""

    def __init__(self, model, arguments):
        super().__init__()
        self.model, self.bf16 = model, arguments.bf16
        self.head = compiled(self.plain_head, arguments)
        for name in model.worth_compiling:
            setattr(model, name, compiled(getattr(model, name), arguments))

    def plain_head(self, vectors, labels, smoothing: float):
        logits = self.model.output(vectors).float()
        return F.cross_entropy(logits, labels, label_smoothing=smoothing)

    def forward(self, batch, smoothing=SMOOTHING):
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bf16):
            return self.head(self.model.attentional(batch), batch.labels, smoothing)


def compiled(function, arguments):
    return torch.compile(function, dynamic=True) if arguments.compile else function


def train(arguments, make_model=make_model, make_loss=Loss, adam=None, **described):
    """Trains what `make_model(arguments, pieces)` gives by the loss `make_loss(model, arguments)`;
    `described` joins the report."""
    prepare(arguments)
    tokenizer = load_tokenizer(arguments)
    batches = make_batches(arguments, tokenizer, "train")
    valid = make_batches(arguments, tokenizer, "valid") if arguments.validate else []
    model = make_model(arguments, tokenizer.get_piece_size())
    count = sum(p.numel() for p in model.parameters())
    print(f"{count} parameters, {len(batches)} batches", file=sys.stderr)
    loss_of = make_loss(model, arguments)
    optimizer = torch.optim.Adam(model.parameters(), **(adam or {"lr": 1e-3}), fused=True)

    order = random.Random(arguments.seed)
    windows, step, began = [], 0, time.perf_counter()
    paused_seconds = 0.0
    tokens, total, loss_sum, start = 0, 0, 0.0, began
    for epoch in range(arguments.epochs):
        model.train()
        order.shuffle(batches)
        for batch in batches:
            optimizer.zero_grad(set_to_none=True)
            loss = loss_of(batch)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 5.0, foreach=True)
            optimizer.step()
            step += 1
            tokens += batch.tokens
            total += batch.tokens
            loss_sum += loss.item() * batch.tokens
            if step % arguments.report_every == 0:
                now = time.perf_counter()
                windows.append(tokens / (now - start))
                print(
                    f"epoch {epoch + 1} step {step} loss {loss_sum / tokens:.4f} "
                    f"tokens/s {windows[-1]:.0f}",
                    file=sys.stderr,
                )
                tokens, loss_sum, start = 0, 0.0, time.perf_counter()
            if arguments.max_steps and step >= arguments.max_steps:
                break
        paused = time.perf_counter()
        torch.save(model.state_dict(), checkpoint_path(arguments))
        if valid:
            model.eval()
            with torch.inference_mode():
                nll = sum(loss_of(b, 0.0).item() * b.tokens for b in valid)
            perplexity = torch.tensor(nll / sum(b.tokens for b in valid)).exp().item()
            print(f"epoch {epoch + 1} validation perplexity {perplexity:.3f}", file=sys.stderr)
        aside = time.perf_counter() - paused
        paused_seconds, start = paused_seconds + aside, start + aside
        if arguments.max_steps and step >= arguments.max_steps:
            break
    seconds = time.perf_counter() - began - paused_seconds
    steady = windows[1:] or windows  # the first window warms up
    report(
        task="train", system="pytorch", version=torch.__version__,
        **(described or {"cell": arguments.cell, "input_feeding": arguments.input_feeding}),
        bf16=arguments.bf16, threads=arguments.threads, seed=arguments.seed, **tuning(arguments),
        parameters=count,
        steps=step, target_tokens=total, seconds=round(seconds, 2),
        target_tokens_per_second=round(statistics.median(steady), 1) if steady else None,
        target_tokens_per_second_overall=round(total / seconds, 1),
        validation_perplexity=round(perplexity, 4) if valid else None,
        peak_rss_mb=round(peak_megabytes(), 1),
    )


def tuning(arguments) -> dict[str, bool]:
    return {
        "tuned_allocator": all(os.environ.get(key) == ALLOCATOR[key] for key in ALLOCATOR),
        "tuned_mkl": "mkl_override" in os.environ.get("LD_PRELOAD", ""),
    }


def report(**values):
    print(json.dumps(values), flush=True)


# ---------------------------------------------------------------- translation


def select(states, rows):
    return [tuple(part.index_select(0, rows) for part in state) for state in states]


class Search:
    """What both searches share: the encoded sentences still unfinished."""

    def __init__(self, model, sources, limit_factor=2):
        lengths = torch.tensor([len(s) for s in sources])
        memory, self.states = model.encode(pad(sources, UNKNOWN), lengths)
        self.model, self.memory, self.keys = model, memory, model.attention(memory)
        self.mask = length_mask(lengths)
        if self.mask is not None:
            self.mask = self.mask.to(memory.dtype)
        self.feed = memory.new_zeros(len(sources), HIDDEN)
        self.limit = [limit_factor * len(s) + 10 for s in sources]
        self.alive = list(range(len(sources)))  # sentence of each group of rows

    def step(self, tokens):
        logits, self.feed, self.states = self.model.step(
            tokens, self.feed, self.states, self.keys, self.memory, self.mask
        )
        return logits.float()

    def reorder(self, rows):
        self.states, self.feed = select(self.states, rows), self.feed.index_select(0, rows)

    def keep(self, groups: list[int]):
        self.alive = [self.alive[g] for g in groups]
        chosen = torch.tensor(groups)
        self.memory = self.memory.index_select(0, chosen)
        self.keys = self.keys.index_select(0, chosen)
        if self.mask is not None:
            self.mask = self.mask.index_select(0, chosen)


def greedy(model, sources):
    search = Search(model, sources)
    results = [[] for _ in sources]
    tokens = torch.full((len(sources),), BEGIN)
    while search.alive:
        tokens = search.step(tokens).argmax(1)
        going = []
        for row, (sentence, token) in enumerate(zip(search.alive, tokens.tolist())):
            if token != END:
                results[sentence].append(token)
                if len(results[sentence]) < search.limit[sentence]:
                    going.append(row)
        if len(going) < len(search.alive):
            if not going:
                break
            rows = torch.tensor(going)
            tokens = tokens.index_select(0, rows)
            search.reorder(rows)
            search.keep(going)
    return results


def beam(model, sources, width):
    """Beam search over all sentences at once. Of the 2 `width` best candidates those
    that end become hypotheses, the best `width` others continue; a sentence is done
    with `width` hypotheses, and the best is the one of the highest log-probability
    divided by length (the end symbol counted)."""
    search = Search(model, sources)
    finished = [[] for _ in sources]
    rows = torch.arange(len(sources)).repeat_interleave(width)
    search.reorder(rows)
    tokens = torch.full((len(sources) * width,), BEGIN)
    scores = torch.full((len(sources), width), float("-inf"))
    scores[:, 0] = 0
    history = torch.empty((len(sources) * width, 0), dtype=torch.long)
    for length in range(1, max(search.limit) + 1):
        logits = search.step(tokens)
        groups, pieces = len(search.alive), logits.shape[1]
        # The best of a sentence are among the best of each of its beams.
        normaliser = logits.logsumexp(1, keepdim=True)
        local, which = logits.topk(2 * width, 1)
        total = (scores.view(-1, 1) + local - normaliser).view(groups, -1)
        best, index = total.topk(2 * width, 1)
        token = which.view(groups, -1).gather(1, index)
        parent = index // (2 * width) + torch.arange(groups)[:, None] * width
        ends = token == END
        for group, rank in ends[:, :width].nonzero().tolist():
            if best[group, rank] > float("-inf"):
                finished[search.alive[group]].append(
                    (best[group, rank].item() / length, history[parent[group, rank]])
                )
        # Candidates that go on, best first: a stable sort puts the ended ones last.
        order = ends.to(torch.uint8).sort(dim=1, stable=True).indices[:, :width]
        scores, token, parent = (x.gather(1, order) for x in (best, token, parent))
        going = []
        for group, sentence in enumerate(search.alive):
            if len(finished[sentence]) >= width:
                continue
            if length >= search.limit[sentence]:
                if not finished[sentence]:
                    last = history[parent[group, 0]].tolist() + [token[group, 0].item()]
                    finished[sentence].append((scores[group, 0].item() / length, torch.tensor(last)))
                continue
            going.append(group)
        if not going:
            break
        if len(going) < groups:
            chosen = torch.tensor(going)
            scores, token, parent = (x.index_select(0, chosen) for x in (scores, token, parent))
            search.keep(going)
        rows, tokens = parent.flatten(), token.flatten()
        search.reorder(rows)
        history = torch.cat([history.index_select(0, rows), tokens[:, None]], 1)
    return [max(found, key=lambda pair: pair[0])[1].tolist() for found in finished]


def translate(arguments):
    import sacrebleu

    prepare(arguments)
    tokenizer = load_tokenizer(arguments)
    source, references = read_pairs(arguments, "test")
    model = make_model(arguments, tokenizer.get_piece_size())
    model.load_state_dict(torch.load(checkpoint_path(arguments)))
    model.eval()
    if arguments.bf16:
        model.bfloat16()  # autocast would convert the weights anew at every step
    model.pack()
    pieces = tokenizer.encode(source)
    # Longest first, as packing wants it.
    order = sorted((i for i in range(len(pieces)) if pieces[i]), key=lambda i: -len(pieces[i]))
    size = 1 if arguments.one_at_a_time else arguments.batch
    groups = [order[i : i + size] for i in range(0, len(order), size)]
    if arguments.sentences:
        groups = groups[:: max(1, len(order) // arguments.sentences)]
    run = greedy if arguments.beam == 1 else lambda m, s: beam(m, s, arguments.beam)
    outputs, times = [""] * len(source), []
    with torch.inference_mode():
        for _ in range(3):  # warm up
            run(model, [pieces[i] for i in groups[len(groups) // 2]])
        begun = time.perf_counter()
        for group in groups:
            start = time.perf_counter()
            for i, ids in zip(group, run(model, [pieces[i] for i in group])):
                outputs[i] = tokenizer.decode(ids)
            times.append(time.perf_counter() - start)
        seconds = time.perf_counter() - begun
    done = sorted(i for group in groups for i in group)
    if arguments.output:
        arguments.output.write_text("".join(line + "\n" for line in outputs), encoding="utf-8")
    bleu = sacrebleu.corpus_bleu(
        [outputs[i] for i in done], [[references[i] for i in done]], lowercase=True, tokenize="13a"
    )
    report(
        task="translate", system="pytorch", version=torch.__version__, cell=arguments.cell,
        input_feeding=arguments.input_feeding, bf16=arguments.bf16, beam=arguments.beam,
        batch=size, threads=arguments.threads, **tuning(arguments), sentences=len(done), seconds=round(seconds, 3),
        sentences_per_second=round(len(done) / seconds, 2),
        median_ms_per_sentence=round(1e3 * statistics.median(times), 3) if size == 1 else None,
        bleu=round(bleu.score, 2), peak_rss_mb=round(peak_megabytes(), 1),
    )


# ---------------------------------------------------------------- command line


def shared_options() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--data", type=Path, default=Path("."), help="folder of Multi30k files")
    for part in ("train", "valid", "test"):
        for side in ("source", "target"):
            shared.add_argument(f"--{part}-{side}", type=Path, help="instead of the one in --data")
    shared.add_argument("--work", type=Path, required=True, help="folder for what is made")
    shared.add_argument("--spm", type=Path, help="SentencePiece model (default: WORK/joint8000.model)")
    shared.add_argument("--checkpoint", type=Path)
    shared.add_argument("--bf16", action="store_true")
    shared.add_argument("--plain-allocator", action="store_true", help="slower, less memory")
    shared.add_argument("--stock-mkl", action="store_true", help="leave MKL as it is on AMD")
    shared.add_argument("--threads", type=int, default=2)
    shared.add_argument("--seed", type=int, default=1)
    return shared


def training_options() -> argparse.ArgumentParser:
    training = argparse.ArgumentParser(add_help=False)
    training.add_argument("--epochs", type=int, default=1)
    training.add_argument("--max-steps", type=int, default=0)
    training.add_argument("--report-every", type=int, default=50)
    training.add_argument("--compile", action="store_true", help="torch.compile where it applies")
    training.add_argument("--validate", action="store_true", help="perplexity after each epoch")
    return training


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    model = shared_options()
    model.add_argument("--cell", choices=list(LAYER), default="lstm")
    model.add_argument("--input-feeding", action="store_true")
    training = commands.add_parser("train", parents=[model, training_options()])
    training.set_defaults(run=train)
    translation = commands.add_parser("translate", parents=[model])
    translation.add_argument("--beam", type=int, default=1, help="1 is greedy")
    translation.add_argument("--batch", type=int, default=64)
    translation.add_argument("--one-at-a-time", action="store_true")
    translation.add_argument("--sentences", type=int, default=0, help="translate about so many")
    translation.add_argument("--output", type=Path)
    translation.set_defaults(run=translate)
    return parser.parse_args()


if __name__ == "__main__":
    options = parse()
    restart_tuned(options)
    options.run(options)
