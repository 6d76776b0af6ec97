#pragma once
// The walk of a recurrent layer over a ragged batch, forwards and backwards in time. What happens at a
// step is the cell's business; where the states lie is this file's.
#include "scratch.h"
#include "team.h"
#include <cstring>

namespace seq {

/// One shard of one direction: its time steps, and the states of its sequences. The state after a step
/// lies where the next step looks for it or, when the sequence ends, among the final states.
class Shard {
  public:
    const seq_recurrent &layer;
    const size_t H;

    Shard(const seq_recurrent &layer, int shard) : layer(layer), H(size_t(layer.H)) {
        const seq_schedule &s = layer.schedule;
        int first = s.shard_first_step[shard];
        start = s.step_start + first;
        count = s.shard_first_step[shard + 1] - first - 1;
        sequence = s.sequence + s.shard_first_sequence[shard];
    }

    int steps() const { return count; }
    /// The first packed row of step t and the number of its rows.
    size_t first(int t) const { return size_t(start[t]); }
    int rows(int t) const { return t < count ? start[t + 1] - start[t] : 0; }

    /// Rows of step t in a buffer `[N,width]`.
    float *at(float *buffer, int t, size_t width, int row = 0) const {
        return buffer + (first(t) + size_t(row)) * width;
    }
    const float *hidden_before(int t, int row) const {
        return at(layer.hidden_previous, t, H, row);
    }
    const float *cell_before(int t, int row) const { return at(layer.cell_previous, t, H, row); }
    float *hidden_after(int t, int row) const {
        return after(layer.hidden_previous, layer.final_hidden, t, row);
    }
    float *cell_after(int t, int row) const {
        return after(layer.cell_previous, layer.final_cell, t, row);
    }

    /// Whether the states before step t may differ from zero.
    bool has_state(int t) const { return t > 0 || layer.initial_hidden; }

    /// Row i's sequence in buffers `[B,width]`; the same in every step.
    template <class Number>
    Number *of_sequence(Number *buffer, int row, size_t width) const {
        return buffer + size_t(sequence[row]) * width;
    }
    /// The row of step t in buffers of ragged order.
    size_t ragged_row(int t, int row) const { return size_t(layer.schedule.row[start[t] + row]); }

    /// Sets the states before the first step.
    void begin() const {
        begin(layer.hidden_previous, layer.initial_hidden);
        if (layer.cell_previous) begin(layer.cell_previous, layer.initial_cell);
    }

    void write_output(int t) const {
        if (!layer.output) return;
        for (int i = 0; i < rows(t); i++)
            std::memcpy(layer.output + ragged_row(t, i) * layer.output_stride, hidden_after(t, i),
                        H * sizeof(float));
    }

  private:
    const int32_t *start;
    int count;
    const int32_t *sequence;

    float *after(float *previous, float *final, int t, int row) const {
        return row < rows(t + 1) ? at(previous, t + 1, H, row) : of_sequence(final, row, H);
    }

    void begin(float *previous, const float *initial) const {
        for (int i = 0; i < rows(0); i++) {
            float *to = at(previous, 0, H, i);
            if (initial)
                std::memcpy(to, of_sequence(initial, i, H), H * sizeof(float));
            else
                std::memset(to, 0, H * sizeof(float));
        }
    }
};

/// Calls step(shard, t) for all time steps; it writes the states after t.
template <class Step>
void run_forward(const seq_recurrent *layers, int count, const Step &step) {
    parallel(count * layers[0].schedule.shards, [&](int task) {
        Shard shard(layers[task % count], task / count);
        if (shard.steps() == 0) return;
        shard.begin();
        for (int t = 0; t < shard.steps(); t++) {
            step(shard, t);
            shard.write_output(t);
        }
    });
}

/// What a step backwards in time works on: the gradients of the state after it, one row below the
/// other, which become those of the state before it.
struct BackwardStep {
    const Shard &shard;
    const seq_recurrent_gradient &gradient;
    int t;
    float *d_hidden;
    float *d_cell;

    /// Whether anything depends on the state before the step.
    bool goes_on() const { return t > 0 || gradient.d_initial_hidden; }
};

/// y += x. Not compiled for each level of x86-64, since it is at the memory's speed anyhow.
inline void add_to(float *__restrict y, const float *__restrict x, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] += x[i];
}

/// Calls step for all time steps, the last first.
template <class Step>
void run_backward(const seq_recurrent *layers, const seq_recurrent_gradient *gradients, int count,
                  const Step &step) {
    parallel(count * layers[0].schedule.shards, [&](int task) {
        thread_local Scratch hidden, cell;
        Shard shard(layers[task % count], task / count);
        const seq_recurrent_gradient &gradient = gradients[task % count];
        if (shard.steps() == 0) return;
        size_t H = shard.H, stride = shard.layer.output_stride;
        bool has_cell = shard.layer.cell_previous != nullptr;
        size_t size = size_t(shard.rows(0)) * H;
        float *d_hidden = hidden.get<float>(size);
        float *d_cell = has_cell ? cell.get<float>(size) : nullptr;
        auto start = [&](float *to, const float *from, int row) {
            if (from)
                std::memcpy(to, shard.of_sequence(from, row, H), H * sizeof(float));
            else
                std::memset(to, 0, H * sizeof(float));
        };
        for (int t = shard.steps() - 1; t >= 0; t--) {
            for (int i = shard.rows(t + 1); i < shard.rows(t); i++) {
                start(d_hidden + size_t(i) * H, gradient.d_final_hidden, i);
                if (has_cell) start(d_cell + size_t(i) * H, gradient.d_final_cell, i);
            }
            if (gradient.d_output)
                for (int i = 0; i < shard.rows(t); i++)
                    add_to(d_hidden + size_t(i) * H,
                           gradient.d_output + shard.ragged_row(t, i) * stride, H);
            step(BackwardStep{shard, gradient, t, d_hidden, d_cell});
        }
        auto finish = [&](float *to, const float *from) {
            if (!to) return;
            for (int i = 0; i < shard.rows(0); i++)
                std::memcpy(shard.of_sequence(to, i, H), from + size_t(i) * H, H * sizeof(float));
        };
        finish(gradient.d_initial_hidden, d_hidden);
        if (has_cell) finish(gradient.d_initial_cell, d_cell);
    });
}

/// Calls body(row) for rows of one time step, shared out to the team.
template <class Body>
void for_each_row(size_t rows, size_t H, const Body &body) {
    parallel_range(rows, std::max<size_t>(1, 4096 / std::max<size_t>(1, H)),
                   [&](size_t begin, size_t end) {
        for (size_t row = begin; row < end; row++) body(row);
    });
}

}  // namespace seq
