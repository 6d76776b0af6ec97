// The simple recurrent unit (Lei et al. 2018): the cell of one time step and the time loop of a layer
// over a ragged batch. No step waits for a product, so that its speed is the memory's.
#include "schedule.h"
#include "simd.h"

namespace {

/// One row: gates holds x̃, f, r, w, of which f and r are activated.
SEQ_SIMD void forward_row(float *__restrict hidden, float *__restrict cell,
                          float *__restrict gates, const float *__restrict previous,
                          const float *__restrict vector, size_t H) {
    SEQ_CONTRACT
    for (size_t j = 0; j < H; j++) {
        float x = gates[j], w = gates[3 * H + j], c = previous[j];
        float f = seq_sigmoidf(gates[H + j] + vector[j] * c);
        float r = seq_sigmoidf(gates[2 * H + j] + vector[H + j] * c);
        float next = x + f * (c - x);
        gates[H + j] = f;
        gates[2 * H + j] = r;
        cell[j] = next;
        hidden[j] = w + r * (next - w);
    }
}

/// One row: gates turns into the gradient of the inputs' share; d_cell from that of the cell after the
/// step into that of the cell before it.
SEQ_SIMD void backward_row(float *__restrict gates, float *__restrict d_cell,
                           float *__restrict d_vector, const float *__restrict d_hidden,
                           const float *__restrict cell, const float *__restrict previous,
                           const float *__restrict vector, size_t H) {
    SEQ_CONTRACT
    for (size_t j = 0; j < H; j++) {
        float x = gates[j], f = gates[H + j], r = gates[2 * H + j], w = gates[3 * H + j];
        float c = previous[j], dh = d_hidden[j];
        float dc = d_cell[j] + dh * r;
        float dr = dh * (cell[j] - w) * r * (1.0f - r);
        float df = dc * (c - x) * f * (1.0f - f);
        gates[j] = dc * (1.0f - f);
        gates[H + j] = df;
        gates[2 * H + j] = dr;
        gates[3 * H + j] = dh * (1.0f - r);
        d_cell[j] = dc * f + df * vector[j] + dr * vector[H + j];
        d_vector[j] += df * c;
        d_vector[H + j] += dr * c;
    }
}

}  // namespace

extern "C" {

void seq_sru_cell(float *hidden, float *cell, float *gates, const float *share,
                  const float *cell_previous, const float *vector, size_t rows, size_t H) {
    seq::for_each_row(rows, H, [=](size_t i) {
        std::memcpy(gates + i * 4 * H, share + i * 4 * H, 4 * H * sizeof(float));
        forward_row(hidden + i * H, cell + i * H, gates + i * 4 * H, cell_previous + i * H, vector,
                    H);
    });
}

void seq_sru_cell_backward(float *gates, float *d_cell, float *d_vector, const float *d_hidden,
                           const float *cell, const float *cell_previous, const float *vector,
                           size_t rows, size_t H) {
    seq::for_each_row(rows, H, [=](size_t i) {
        backward_row(gates + i * 4 * H, d_cell + i * H, d_vector + i * 2 * H, d_hidden + i * H,
                     cell + i * H, cell_previous + i * H, vector, H);
    });
}

void seq_sru_forward(const seq_recurrent *layers, int count) {
    seq::run_forward(layers, count, [](const seq::Shard &shard, int t) {
        for (int i = 0; i < shard.rows(t); i++)
            forward_row(shard.hidden_after(t, i), shard.cell_after(t, i),
                        shard.at(shard.layer.gates, t, 4 * shard.H, i), shard.cell_before(t, i),
                        shard.layer.vector, shard.H);
    });
}

void seq_sru_backward(const seq_recurrent *layers, const seq_recurrent_gradient *gradients,
                      int count) {
    seq::run_backward(layers, gradients, count, [](const seq::BackwardStep &step) {
        const seq::Shard &shard = step.shard;
        size_t H = shard.H;
        int t = step.t, rows = shard.rows(t);
        for (int i = 0; i < rows; i++)
            backward_row(shard.at(shard.layer.gates, t, 4 * H, i), step.d_cell + size_t(i) * H,
                         shard.of_sequence(step.gradient.d_vector, i, 2 * H),
                         step.d_hidden + size_t(i) * H, shard.cell_after(t, i),
                         shard.cell_before(t, i), shard.layer.vector, H);
        // Only the cell connects the steps.
        std::memset(step.d_hidden, 0, size_t(rows) * H * sizeof(float));
    });
}

}  // extern "C"
