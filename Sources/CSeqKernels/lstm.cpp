// The LSTM cell and the time loop of an LSTM layer over a ragged batch, forward and backward.
#include "schedule.h"
#include "simd.h"

namespace {

/// One row: gates holds i,f,g,o before activation, and their activations afterwards.
SEQ_SIMD void cell_forward(float *__restrict hidden, float *__restrict cell,
                           float *__restrict gates, const float *__restrict cell_previous,
                           size_t H) {
    SEQ_CONTRACT
    float *gi = gates, *gf = gates + H, *gg = gates + 2 * H, *go = gates + 3 * H;
    for (size_t j = 0; j < H; j++) {
        float i = seq_sigmoidf(gi[j]), f = seq_sigmoidf(gf[j]);
        float g = seq_tanhf(gg[j]), o = seq_sigmoidf(go[j]);
        float c = f * cell_previous[j] + i * g;
        gi[j] = i;
        gf[j] = f;
        gg[j] = g;
        go[j] = o;
        cell[j] = c;
        hidden[j] = o * seq_tanhf(c);
    }
}

/// One row: gates holds activations on entry and the gradient of the pre-activations on return;
/// d_cell is the gradient of the cell from the next step and returns that for the previous one.
SEQ_SIMD void cell_backward(float *__restrict gates, float *__restrict d_cell,
                            const float *__restrict d_hidden, const float *__restrict cell,
                            const float *__restrict cell_previous, size_t H) {
    SEQ_CONTRACT
    float *gi = gates, *gf = gates + H, *gg = gates + 2 * H, *go = gates + 3 * H;
    for (size_t j = 0; j < H; j++) {
        float i = gi[j], f = gf[j], g = gg[j], o = go[j];
        float t = seq_tanhf(cell[j]);
        float dh = d_hidden[j];
        float dc = d_cell[j] + dh * o * (1.0f - t * t);
        gi[j] = dc * g * i * (1.0f - i);
        gf[j] = dc * cell_previous[j] * f * (1.0f - f);
        gg[j] = dc * i * (1.0f - g * g);
        go[j] = dh * t * o * (1.0f - o);
        d_cell[j] = dc * f;
    }
}

}  // namespace

extern "C" {

void seq_lstm_cell(float *hidden, float *cell, float *gates, const float *cell_previous,
                   size_t rows, size_t H) {
    seq::parallel_range(rows, std::max<size_t>(1, 4096 / std::max<size_t>(1, H)),
                        [=](size_t begin, size_t end) {
        thread_local seq::Scratch zeros;
        float *zero = zeros.get<float>(H);
        std::memset(zero, 0, H * sizeof(float));
        for (size_t r = begin; r < end; r++)
            cell_forward(hidden + r * H, cell + r * H, gates + r * 4 * H,
                         cell_previous ? cell_previous + r * H : zero, H);
    });
}

void seq_lstm_cell_backward(float *gates, float *d_cell_previous, const float *d_hidden,
                            const float *d_cell, const float *cell, const float *cell_previous,
                            size_t rows, size_t H) {
    seq::parallel_range(rows, std::max<size_t>(1, 4096 / std::max<size_t>(1, H)),
                        [=](size_t begin, size_t end) {
        thread_local seq::Scratch zeros, row;
        float *zero = zeros.get<float>(H);
        std::memset(zero, 0, H * sizeof(float));
        float *dc = row.get<float>(H);
        for (size_t r = begin; r < end; r++) {
            std::memcpy(dc, d_cell ? d_cell + r * H : zero, H * sizeof(float));
            cell_backward(gates + r * 4 * H, dc, d_hidden ? d_hidden + r * H : zero, cell + r * H,
                          cell_previous ? cell_previous + r * H : zero, H);
            if (d_cell_previous) std::memcpy(d_cell_previous + r * H, dc, H * sizeof(float));
        }
    });
}

void seq_lstm_forward(const seq_recurrent *layers, int count) {
    seq::run_forward(layers, count, [](const seq::Shard &shard, int t) {
        const seq_recurrent &layer = shard.layer;
        size_t H = shard.H;
        int rows = shard.rows(t);
        if (shard.has_state(t))
            seq_matmul_packed(shard.hidden_before(t, 0), rows, layer.recurrent_weight, 1, nullptr,
                              shard.at(layer.gates, t, 4 * H));
        for (int i = 0; i < rows; i++)
            cell_forward(shard.hidden_after(t, i), shard.cell_after(t, i),
                         shard.at(layer.gates, t, 4 * H, i), shard.cell_before(t, i), H);
    });
}

void seq_lstm_backward(const seq_recurrent *layers, const seq_recurrent_gradient *gradients,
                       int count) {
    seq::run_backward(layers, gradients, count, [](const seq::BackwardStep &step) {
        const seq::Shard &shard = step.shard;
        const seq_recurrent &layer = shard.layer;
        size_t H = shard.H;
        int t = step.t, rows = shard.rows(t);
        for (int i = 0; i < rows; i++)
            cell_backward(shard.at(layer.gates, t, 4 * H, i), step.d_cell + size_t(i) * H,
                          step.d_hidden + size_t(i) * H, shard.cell_after(t, i),
                          shard.cell_before(t, i), H);
        if (step.goes_on())
            seq_matmul_packed(shard.at(layer.gates, t, 4 * H), rows, layer.recurrent_weight, 0,
                              nullptr, step.d_hidden);
    });
}

}  // extern "C"
