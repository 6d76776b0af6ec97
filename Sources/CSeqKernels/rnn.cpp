// The time loop of an Elman network with tanh or ReLU over a ragged batch, forward and backward.
#include "schedule.h"
#include "simd.h"

namespace {

SEQ_SIMD void tanh_forward(float *__restrict hidden, const float *__restrict gates, size_t H) {
    SEQ_CONTRACT
    for (size_t j = 0; j < H; j++) hidden[j] = seq_tanhf(gates[j]);
}

SEQ_SIMD void tanh_backward(float *__restrict gates, const float *__restrict d_hidden,
                            const float *__restrict hidden, size_t H) {
    for (size_t j = 0; j < H; j++) gates[j] = d_hidden[j] * (1.0f - hidden[j] * hidden[j]);
}

SEQ_SIMD void relu_forward(float *__restrict hidden, const float *__restrict gates, size_t H) {
    for (size_t j = 0; j < H; j++) hidden[j] = gates[j] > 0.0f ? gates[j] : 0.0f;
}

SEQ_SIMD void relu_backward(float *__restrict gates, const float *__restrict d_hidden,
                            const float *__restrict hidden, size_t H) {
    for (size_t j = 0; j < H; j++) gates[j] = hidden[j] > 0.0f ? d_hidden[j] : 0.0f;
}

using ForwardRow = void (*)(float *, const float *, size_t);
using BackwardRow = void (*)(float *, const float *, const float *, size_t);

void forward(const seq_recurrent *layers, int count, ForwardRow forward_row) {
    seq::run_forward(layers, count, [=](const seq::Shard &shard, int t) {
        const seq_recurrent &layer = shard.layer;
        size_t H = shard.H;
        int rows = shard.rows(t);
        if (shard.has_state(t))
            seq_matmul_packed(shard.hidden_before(t, 0), rows, layer.recurrent_weight, 1, nullptr,
                              shard.at(layer.gates, t, H));
        for (int i = 0; i < rows; i++)
            forward_row(shard.hidden_after(t, i), shard.at(layer.gates, t, H, i), H);
    });
}

void backward(const seq_recurrent *layers, const seq_recurrent_gradient *gradients, int count,
              BackwardRow backward_row) {
    seq::run_backward(layers, gradients, count, [=](const seq::BackwardStep &step) {
        const seq::Shard &shard = step.shard;
        const seq_recurrent &layer = shard.layer;
        size_t H = shard.H;
        int t = step.t, rows = shard.rows(t);
        for (int i = 0; i < rows; i++)
            backward_row(shard.at(layer.gates, t, H, i), step.d_hidden + size_t(i) * H,
                         shard.hidden_after(t, i), H);
        if (step.goes_on())
            seq_matmul_packed(shard.at(layer.gates, t, H), rows, layer.recurrent_weight, 0,
                              nullptr, step.d_hidden);
    });
}

}  // namespace

extern "C" {

void seq_tanh_rnn_forward(const seq_recurrent *layers, int count) {
    forward(layers, count, tanh_forward);
}

void seq_tanh_rnn_backward(const seq_recurrent *layers, const seq_recurrent_gradient *gradients,
                           int count) {
    backward(layers, gradients, count, tanh_backward);
}

void seq_relu_rnn_forward(const seq_recurrent *layers, int count) {
    forward(layers, count, relu_forward);
}

void seq_relu_rnn_backward(const seq_recurrent *layers, const seq_recurrent_gradient *gradients,
                           int count) {
    backward(layers, gradients, count, relu_backward);
}

}  // extern "C"
