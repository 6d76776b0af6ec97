// Adafactor (Shazeer & Stern 2018) as torch.optim.Adafactor defines it: second moments of a matrix
// are a mean a row and a mean a column. Sums are of fixed blocks of rows, whatever the threads.
#include "simd.h"
#include "team.h"
#include <cfloat>
#include <cmath>
#include <vector>

namespace {
/// Blocks of rows that a matrix is divided into.
constexpr size_t kBlocks = 16;

SEQ_SIMD double sum_of_squares(const float *__restrict x, size_t n) {
    SEQ_REASSOCIATE
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += double(x[i]) * double(x[i]);
    return sum;
}

/// Adds the squares of a row to `columns` and returns their sum.
SEQ_SIMD double add_squares(float *__restrict columns, const float *__restrict g, float scale,
                            size_t n) {
    SEQ_REASSOCIATE
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        float gradient = g[i] * scale;
        float square = gradient * gradient;
        columns[i] += square;
        sum += double(square);
    }
    return sum;
}

SEQ_INLINE float direction(float gradient, float row, float column, float floor) {
    float variance = row * column;
    return gradient / __builtin_elementwise_sqrt(variance < floor ? floor : variance);
}

SEQ_SIMD double sum_of_squared_updates(const float *__restrict g, const float *__restrict columns,
                                       float row, float scale, float floor, size_t n) {
    SEQ_REASSOCIATE
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        float update = direction(g[i] * scale, row, columns[i], floor);
        sum += double(update) * double(update);
    }
    return sum;
}

SEQ_SIMD void step(float *__restrict w, const float *__restrict g, const float *__restrict columns,
                   float row, float scale, float floor, float shrink, float size, size_t n) {
    SEQ_CONTRACT
    for (size_t i = 0; i < n; i++)
        w[i] = w[i] - shrink * w[i] - size * direction(g[i] * scale, row, columns[i], floor);
}

/// average += share · (value - average)
SEQ_INLINE void approach(float *average, double value, double share) {
    *average = float(*average + share * (value - *average));
}

double total(const std::vector<double> &parts) {
    double sum = 0;
    for (double part : parts) sum += part;
    return sum;
}
}  // namespace

extern "C" {

void seq_adafactor(float *w, const float *g, float *row_moments, float *column_moments,
                   float gradient_scale, float learning_rate, float decay, float beta2_decay,
                   float epsilon1, float epsilon2, float threshold, int64_t time, size_t matrices,
                   size_t rows, size_t columns) {
    size_t blocks = std::min(rows, kBlocks), tasks = matrices * blocks;
    double share = std::pow(double(time), double(beta2_decay));
    double count = double(matrices * rows * columns);
    if (count == 0) return;
    // Calls body(task, matrix, begin, end) with rows begin..<end of a matrix.
    auto over = [=](const auto &body) {
        seq::parallel(int(tasks), [&](int task) {
            size_t block = size_t(task) % blocks;
            body(size_t(task), size_t(task) / blocks, rows * block / blocks,
                 rows * (block + 1) / blocks);
        });
    };
    std::vector<double> parts(tasks);
    std::vector<float> sums(tasks * columns);
    over([&](size_t task, size_t matrix, size_t begin, size_t end) {
        for (size_t r = matrix * rows + begin; r < matrix * rows + end; r++) {
            parts[task] += sum_of_squares(w + r * columns, columns);
            double squares = add_squares(&sums[task * columns], g + r * columns, gradient_scale,
                                         columns);
            if (row_moments) approach(row_moments + r, squares / double(columns), share);
        }
    });
    double size = std::sqrt(total(parts) / count);
    double alpha = std::max(double(epsilon2), size) *
                   std::min(double(learning_rate), 1 / std::sqrt(double(time)));

    // The factor of each row: its moment over the mean of all in its matrix.
    std::vector<float> factors(matrices * rows, 1.0f);
    for (size_t matrix = 0; matrix < matrices; matrix++) {
        for (size_t c = 0; c < columns; c++) {
            double sum = 0;
            for (size_t block = 0; block < blocks; block++)
                sum += sums[(matrix * blocks + block) * columns + c];
            approach(column_moments + matrix * columns + c, sum / double(rows), share);
        }
        if (!row_moments) continue;
        const float *own = row_moments + matrix * rows;
        double mean = 0;
        for (size_t r = 0; r < rows; r++) mean += own[r];
        mean = std::max(mean / double(rows), double(epsilon1));
        for (size_t r = 0; r < rows; r++) factors[matrix * rows + r] = float(own[r] / mean);
    }

    // Above 0, so that an update without a gradient is 0.
    float floor = std::max(epsilon1 * epsilon1, FLT_MIN);
    over([&](size_t task, size_t matrix, size_t begin, size_t end) {
        parts[task] = 0;
        for (size_t r = matrix * rows + begin; r < matrix * rows + end; r++)
            parts[task] +=
                sum_of_squared_updates(g + r * columns, column_moments + matrix * columns,
                                       factors[r], gradient_scale, floor, columns);
    });
    double clipping = std::max(1.0, std::sqrt(total(parts) / count) / double(threshold));
    float length = float(alpha / clipping), shrink = learning_rate * decay;
    over([&](size_t, size_t matrix, size_t begin, size_t end) {
        for (size_t r = matrix * rows + begin; r < matrix * rows + end; r++)
            step(w + r * columns, g + r * columns, column_moments + matrix * columns, factors[r],
                 gradient_scale, floor, shrink, length, columns);
    });
}

}  // extern "C"
