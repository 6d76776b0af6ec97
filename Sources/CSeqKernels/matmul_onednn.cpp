// Matrix products through oneDNN. Every oneDNN call here runs on one thread: the work is cut into
// tasks for our own team, because packed panels then stay in a core's second-level cache and a
// recurrent layer can run its whole time loop on one thread without meeting the others.
#ifndef SEQ_USE_CBLAS

#include "bfloat16.h"
#include "scratch.h"
#include "team.h"
#include <cstring>
#include <dnnl.hpp>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#if defined(__linux__)
extern "C" {
void omp_set_num_threads(int);
}
#endif

namespace {
using dnnl::memory;
using Tag = memory::format_tag;
using Type = memory::data_type;

/// How many rows of A one product takes. A row must not feel how many others there are, but oneDNN adds
/// up some rows in another order than others, so that those are never given to it:
struct RowBlocks {
    /// The rows of a full block.
    int size;
    /// The rows of the last block are filled up with zeros to a multiple of this…
    int step;
    /// …and to no fewer than this.
    int least;

    int padded(int rows) const { return std::max(least, (rows + step - 1) / step * step); }
};
/// One row alone is treated as a vector; the rest of a division makes at most 62 further shapes.
constexpr RowBlocks kBlocks{64, 1, 2};
/// Without AVX-512 the general product takes six rows at a time, and fewer in another way.
constexpr RowBlocks kBlocksOfSix{60, 6, 6};
/// Rows of the summed dimension that one bfloat16 weight-gradient product takes.
constexpr int kSumBlock = 1024, kSumStep = 64;

dnnl::engine &cpu() {
    static dnnl::engine engine(dnnl::engine::kind::cpu, 0);
    return engine;
}

/// Keeps oneDNN to the calling thread, also outside the team: our own team divides the work, and it
/// names its size itself when it starts.
void use_one_thread() {
#if defined(__linux__)
    thread_local const bool once = (omp_set_num_threads(1), true);
    (void)once;
#endif
}

[[noreturn]] void fail(const dnnl::error &error, int M, int N, int K) {
    std::fprintf(stderr, "seq2seq: oneDNN cannot multiply [%d,%d]·[%d,%d]: %s\n", M, K, K, N,
                 error.what());
    std::abort();
}

enum class Weights { any, packed, plain, plain_source_transposed };

struct Key {
    int M, N, K, lda, ldb, ldc;
    Type type;
    Weights weights;
    bool accumulate, bias;
    bool operator==(const Key &o) const {
        return M == o.M && N == o.N && K == o.K && lda == o.lda && ldb == o.ldb && ldc == o.ldc &&
               type == o.type && weights == o.weights && accumulate == o.accumulate &&
               bias == o.bias;
    }
};
struct KeyHash {
    size_t operator()(const Key &k) const {
        size_t h = 1469598103934665603ull;
        for (size_t v : {size_t(k.M), size_t(k.N), size_t(k.K), size_t(k.lda), size_t(k.ldb),
                         size_t(k.ldc), size_t(k.type),
                         size_t(k.weights) * 4 + size_t(k.accumulate) * 2 + size_t(k.bias)})
            h = (h ^ v) * 1099511628211ull;
        return h;
    }
};

dnnl::matmul::primitive_desc describe(const Key &key, const memory::desc &weights) {
    using dims = memory::dims;
    bool transposed = key.weights == Weights::plain_source_transposed;
    memory::desc a({key.M, key.K}, key.type, transposed ? dims{1, key.lda} : dims{key.lda, 1});
    memory::desc c({key.M, key.N}, Type::f32, dims{key.ldc, 1});
    memory::desc bias({1, key.N}, Type::f32, Tag::ab);
    dnnl::primitive_attr attributes;
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    if (key.accumulate) {
        dnnl::post_ops sum;
        sum.append_sum(1);
        attributes.set_post_ops(sum);
    }
#if DNNL_VERSION_MAJOR >= 3
    if (key.bias) return dnnl::matmul::primitive_desc(cpu(), a, weights, bias, c, attributes);
    return dnnl::matmul::primitive_desc(cpu(), a, weights, c, attributes);
#else
    if (key.bias)
        return dnnl::matmul::primitive_desc(dnnl::matmul::desc(a, weights, bias, c), attributes,
                                            cpu());
    return dnnl::matmul::primitive_desc(dnnl::matmul::desc(a, weights, c), attributes, cpu());
#endif
}

/// A primitive and the descriptions of its operands; made once and kept for the process.
struct Product {
    dnnl::matmul primitive;
    memory::desc a, b, c, bias, scratchpad;
};

std::shared_ptr<const Product> make_product(const Key &key, const memory::desc &weights) {
    static std::mutex lock;
    static std::unordered_map<Key, std::shared_ptr<const Product>, KeyHash> products;
    std::lock_guard<std::mutex> guard(lock);
    auto found = products.find(key);
    if (found != products.end()) return found->second;
    try {
        use_one_thread();
        auto description = describe(key, weights);
        auto product = std::make_shared<Product>();
        product->primitive = dnnl::matmul(description);
        product->a = description.src_desc();
        product->b = description.weights_desc();
        product->c = description.dst_desc();
        product->scratchpad = description.scratchpad_desc();
        if (key.bias) product->bias = description.query_md(dnnl::query::weights_md, 1);
        products.emplace(key, product);
        return product;
    } catch (const dnnl::error &error) {
        fail(error, key.M, key.N, key.K);
    }
}

/// What one thread needs to run a product: memory objects whose pointers are set at each call.
struct Runner {
    std::shared_ptr<const Product> product;
    memory a, b, c, bias, scratchpad;
    size_t scratchpad_bytes = 0;
};

Runner &runner(const Key &key, const memory::desc &weights) {
    thread_local std::unordered_map<Key, Runner, KeyHash> runners;
    auto found = runners.find(key);
    if (found != runners.end()) return found->second;
    Runner r;
    r.product = make_product(key, weights);
    r.a = memory(r.product->a, cpu(), nullptr);
    if (key.weights != Weights::packed) r.b = memory(r.product->b, cpu(), nullptr);
    r.c = memory(r.product->c, cpu(), nullptr);
    if (key.bias) r.bias = memory(r.product->bias, cpu(), nullptr);
    r.scratchpad = memory(r.product->scratchpad, cpu(), nullptr);
    r.scratchpad_bytes = r.product->scratchpad.get_size();
    return runners.emplace(key, std::move(r)).first->second;
}

dnnl::stream &stream() {
    thread_local dnnl::stream stream(cpu());
    return stream;
}

void run(Runner &r, const void *a, const memory &b, const float *bias, float *c) {
    thread_local seq::Scratch scratch;
    r.a.set_data_handle(const_cast<void *>(a));
    r.c.set_data_handle(c);
    dnnl_exec_arg_t arguments[5] = {{DNNL_ARG_SRC, r.a.get()},
                                    {DNNL_ARG_WEIGHTS, b.get()},
                                    {DNNL_ARG_DST, r.c.get()}};
    int count = 3;
    if (r.scratchpad_bytes > 0) {
        r.scratchpad.set_data_handle(scratch.get(r.scratchpad_bytes));
        arguments[count++] = {DNNL_ARG_SCRATCHPAD, r.scratchpad.get()};
    }
    if (bias) {
        r.bias.set_data_handle(const_cast<float *>(bias));
        arguments[count++] = {DNNL_ARG_BIAS, r.bias.get()};
    }
    dnnl_status_t status =
        dnnl_primitive_execute(r.product->primitive.get(), stream().get(), count, arguments);
    if (status != dnnl_success) {
        std::fprintf(stderr, "seq2seq: oneDNN product failed with status %d\n", int(status));
        std::abort();
    }
}

/// Whether oneDNN multiplies bfloat16 here with more than its reference loops. Where it does not,
/// inputs are rounded to bfloat16 and multiplied as float32, which gives the same numbers.
bool native_bfloat16() {
    static const bool native = [] {
        try {
            use_one_thread();
            Key key{64, 64, 64, 64, 64, 64, Type::bf16, Weights::any, false, false};
            auto description = describe(key, memory::desc({64, 64}, Type::bf16, Tag::any));
            return std::strstr(description.impl_info_str(), "ref") == nullptr;
        } catch (const dnnl::error &) {
            return false;
        }
    }();
    return native;
}

/// The product of a full block of rows with a `[K,N]` panel, which decides the panel's layout.
dnnl::matmul::primitive_desc describe_packed(int K, int N, Type type, int ldc) {
    try {
        use_one_thread();
        Key key{kBlocks.size, N, K, K, 0, ldc, type, Weights::any, false, false};
        return describe(key, memory::desc({K, N}, type, Tag::any));
    } catch (const dnnl::error &error) {
        fail(error, kBlocks.size, N, K);
    }
}

/// How the implementation of that name wants rows.
RowBlocks row_blocks(const char *implementation) {
    bool has_avx512 = (dnnl_get_effective_cpu_isa() & dnnl_cpu_isa_avx512_core) ==
                      dnnl_cpu_isa_avx512_core;
    return has_avx512 || std::strstr(implementation, "brg") ? kBlocks : kBlocksOfSix;
}

/// Wide panels cost fewer calls and reuse more of A; narrow ones share a small product out between
/// threads.
int panel_width(int K, int N) { return N >= 1024 || K > 2048 ? 512 : 256; }
}  // namespace

struct seq_packed {
    struct Panel {
        int first, width;
        memory::desc layout;
        memory packed;
        RowBlocks blocks;
    };
    int K, N;
    seq_precision precision;
    Type type;
    std::vector<Panel> panels;
    std::vector<std::unique_ptr<void, decltype(&std::free)>> storage;
};

extern "C" {

const char *seq_matmul_library(void) {
    static const std::string name = [] {
        const dnnl_version_t *v = dnnl_version();
        return "oneDNN " + std::to_string(v->major) + "." + std::to_string(v->minor) + "." +
               std::to_string(v->patch);
    }();
    return name.c_str();
}

seq_packed *seq_packed_create(int K, int N, seq_precision precision) {
    auto packed = std::make_unique<seq_packed>();
    packed->K = K;
    packed->N = N;
    packed->precision = precision;
    packed->type = precision == SEQ_BFLOAT16 && native_bfloat16() ? Type::bf16 : Type::f32;
    int width = panel_width(K, N);
    for (int first = 0; first < N; first += width) {
        seq_packed::Panel panel;
        panel.first = first;
        panel.width = std::min(width, N - first);
        auto description = describe_packed(K, panel.width, packed->type, N);
        panel.layout = description.weights_desc();
        panel.blocks = row_blocks(description.impl_info_str());
        size_t bytes = (panel.layout.get_size() + 63) / 64 * 64;
        void *memory_block = std::aligned_alloc(64, bytes);
        if (!memory_block) return nullptr;
        packed->storage.emplace_back(memory_block, &std::free);
        panel.packed = memory(panel.layout, cpu(), memory_block);
        packed->panels.push_back(std::move(panel));
    }
    return packed.release();
}

void seq_packed_update(seq_packed *packed, const float *weight, bool transposed) {
    int K = packed->K, N = packed->N;
    bool emulate = packed->precision == SEQ_BFLOAT16 && packed->type == Type::f32;
    std::vector<float> rounded;
    if (emulate) {
        rounded.resize(size_t(K) * size_t(N));
        seq::round_to_bfloat16(rounded.data(), weight, rounded.size());
        weight = rounded.data();
    }
    seq::parallel(int(packed->panels.size()), [&](int index) {
        auto &panel = packed->panels[size_t(index)];
        memory::dims strides = transposed ? memory::dims{1, K} : memory::dims{N, 1};
        memory::desc plain({K, panel.width}, Type::f32, strides);
        const float *from = weight + (transposed ? size_t(panel.first) * size_t(K)
                                                 : size_t(panel.first));
        try {
            use_one_thread();
            memory source(plain, cpu(), const_cast<float *>(from));
            dnnl::reorder(source, panel.packed).execute(stream(), source, panel.packed);
        } catch (const dnnl::error &error) {
            fail(error, 0, panel.width, K);
        }
    });
}

void seq_packed_free(seq_packed *packed) { delete packed; }
}  // extern "C"

namespace {
/// C = A·panel + beta·C (+ bias) for a block of rows, the last ones filled up as the panel wants it.
/// `element` is the size of a number of A.
void multiply_block(const char *A, int rows, size_t element, const seq_packed &W,
                    const seq_packed::Panel &panel, float beta, const float *bias, float *C) {
    int padded = panel.blocks.padded(rows);
    Key key{padded, panel.width, W.K, W.K, 0, W.N, W.type, Weights::packed, beta != 0,
            bias != nullptr};
    if (padded == rows) {
        run(runner(key, panel.layout), A, panel.packed, bias, C);
        return;
    }
    thread_local seq::Scratch source, result;
    size_t bytes = size_t(W.K) * element, width = size_t(panel.width) * sizeof(float);
    char *a = source.get<char>(size_t(padded) * bytes);
    std::memcpy(a, A, size_t(rows) * bytes);
    std::memset(a + size_t(rows) * bytes, 0, size_t(padded - rows) * bytes);
    float *c = result.get<float>(size_t(padded) * size_t(W.N));
    for (int r = 0; r < padded && beta != 0; r++) {
        if (r < rows)
            std::memcpy(c + size_t(r) * size_t(W.N), C + size_t(r) * size_t(W.N), width);
        else
            std::memset(c + size_t(r) * size_t(W.N), 0, width);
    }
    run(runner(key, panel.layout), a, panel.packed, bias, c);
    for (int r = 0; r < rows; r++)
        std::memcpy(C + size_t(r) * size_t(W.N), c + size_t(r) * size_t(W.N), width);
}
}  // namespace

extern "C" {
void seq_matmul_packed(const float *A, int M, const seq_packed *W, float beta, const float *bias,
                       float *C) {
    if (M <= 0) return;
    thread_local seq::Scratch converted;
    int K = W->K, N = W->N;
    const void *a = A;
    size_t element = sizeof(float);
    size_t count = size_t(M) * size_t(K);
    if (W->type == Type::bf16) {
        uint16_t *half = converted.get<uint16_t>(count);
        seq::parallel_range(count, 16384, [&](size_t b, size_t e) {
            seq::to_bfloat16(half + b, A + b, e - b);
        });
        a = half;
        element = sizeof(uint16_t);
    } else if (W->precision == SEQ_BFLOAT16) {
        float *rounded = converted.get<float>(count);
        seq::parallel_range(count, 16384, [&](size_t b, size_t e) {
            seq::round_to_bfloat16(rounded + b, A + b, e - b);
        });
        a = rounded;
    }
    if (W->panels.empty()) return;
    int block = W->panels[0].blocks.size;
    size_t blocks = size_t((M + block - 1) / block);
    size_t tasks = blocks * W->panels.size();
    // Tasks of one panel are neighbours, so that a thread keeps the panel in its cache. Products too
    // small to be worth waking the team run here.
    size_t grain = double(M) * double(N) * double(K) < 131072.0 ? tasks : 1;
    seq::parallel_range(tasks, grain, [&](size_t begin, size_t end) {
        for (size_t task = begin; task < end; task++) {
            const auto &panel = W->panels[task / blocks];
            int row = int(task % blocks) * block;
            multiply_block(static_cast<const char *>(a) + size_t(row) * size_t(K) * element,
                           std::min(block, M - row), element, *W, panel, beta,
                           bias ? bias + panel.first : nullptr,
                           C + size_t(row) * size_t(N) + panel.first);
        }
    });
}
}  // extern "C"

namespace {
void multiply_float32(bool ta, bool tb, int M, int N, int K, const float *A, int lda,
                      const float *B, int ldb, float beta, float *C, int ldc) {
    use_one_thread();
    if (dnnl_sgemm(ta ? 'T' : 'N', tb ? 'T' : 'N', M, N, K, 1, A, lda, B, ldb, beta, C, ldc) !=
        dnnl_success) {
        std::fprintf(stderr, "seq2seq: oneDNN sgemm refused [%d,%d]·[%d,%d]\n", M, K, K, N);
        std::abort();
    }
}

/// Copies a `[rows, columns]` matrix to bfloat16 and appends zero rows up to padded_rows.
void convert_matrix(uint16_t *to, const float *from, int rows, int columns, int stride,
                    int padded_rows) {
    size_t width = size_t(columns);
    seq::parallel_range(size_t(rows), std::max<size_t>(1, 16384 / width), [&](size_t b, size_t e) {
        for (size_t r = b; r < e; r++)
            seq::to_bfloat16(to + r * width, from + r * size_t(stride), width);
    });
    std::memset(to + size_t(rows) * width, 0,
                size_t(padded_rows - rows) * width * sizeof(uint16_t));
}

/// Aᵀ·B with K rows in A and B: the gradient of a weight. K is cut into blocks, the last one filled
/// with zero rows, so that few shapes of product are ever made.
void multiply_transposed_bfloat16(int M, int N, int K, const float *A, int lda, const float *B,
                                  int ldb, float beta, float *C, int ldc) {
    thread_local seq::Scratch scratch_a, scratch_b;
    int padded = (K + kSumStep - 1) / kSumStep * kSumStep;
    uint16_t *a = scratch_a.get<uint16_t>(size_t(padded) * size_t(M));
    uint16_t *b = scratch_b.get<uint16_t>(size_t(padded) * size_t(N));
    convert_matrix(a, A, K, M, lda, padded);
    convert_matrix(b, B, K, N, ldb, padded);
    seq::parallel_range(size_t(N), 64, [&](size_t begin, size_t end) {
        for (int first = 0; first < padded; first += kSumBlock) {
            int rows = std::min(kSumBlock, padded - first);
            int width = int(end - begin);
            bool accumulate = beta != 0 || first > 0;
            Key key{M, width, rows, M, N, ldc, Type::bf16, Weights::plain_source_transposed,
                    accumulate, false};
            memory::desc layout({rows, width}, Type::bf16, memory::dims{N, 1});
            Runner &r = runner(key, layout);
            r.b.set_data_handle(b + size_t(first) * size_t(N) + begin);
            run(r, a + size_t(first) * size_t(M), r.b, nullptr, C + begin);
        }
    });
}

/// A dense copy rounded to bfloat16 but kept in float32.
const float *rounded_copy(seq::Scratch &scratch, const float *x, int rows, int columns,
                          int stride) {
    float *copy = scratch.get<float>(size_t(rows) * size_t(columns));
    for (int r = 0; r < rows; r++)
        seq::round_to_bfloat16(copy + size_t(r) * size_t(columns), x + size_t(r) * size_t(stride),
                               size_t(columns));
    return copy;
}
}  // namespace

extern "C" void seq_matmul(bool ta, bool tb, int M, int N, int K, const float *A, int lda,
                           const float *B, int ldb, float beta, float *C, int ldc,
                           seq_precision precision) {
    if (M <= 0 || N <= 0) return;
    if (K <= 0) {
        if (beta == 0)
            for (int r = 0; r < M; r++) std::memset(C + size_t(r) * size_t(ldc), 0, size_t(N) * 4);
        return;
    }
    thread_local seq::Scratch rounded_a, rounded_b;
    if (precision == SEQ_BFLOAT16) {
        if (ta && !tb && native_bfloat16()) {
            multiply_transposed_bfloat16(M, N, K, A, lda, B, ldb, beta, C, ldc);
            return;
        }
        A = rounded_copy(rounded_a, A, ta ? K : M, ta ? M : K, lda);
        lda = ta ? M : K;
        B = rounded_copy(rounded_b, B, tb ? N : K, tb ? K : N, ldb);
        ldb = tb ? K : N;
    }
    double work = double(M) * double(N) * double(K);
    if (work < 131072.0) {
        multiply_float32(ta, tb, M, N, K, A, lda, B, ldb, beta, C, ldc);
    } else if (N >= M) {
        seq::parallel_range(size_t(N), 64, [&](size_t b, size_t e) {
            multiply_float32(ta, tb, M, int(e - b), K, A, lda, B + (tb ? b * size_t(ldb) : b), ldb,
                             beta, C + b, ldc);
        });
    } else {
        seq::parallel_range(size_t(M), 16, [&](size_t b, size_t e) {
            multiply_float32(ta, tb, int(e - b), N, K, A + (ta ? b : b * size_t(lda)), lda, B, ldb,
                             beta, C + b * size_t(ldc), ldc);
        });
    }
}

#endif
