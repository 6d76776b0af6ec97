// Matrix products through oneDNN. Every oneDNN call here runs on one thread and our own team divides
// the work, because a recurrent layer can then run its whole time loop on one thread without meeting
// the others, and a row's sum does not depend on how the work was divided.
#ifndef SEQ_USE_CBLAS

#include "bfloat16.h"
#include "multiply_adds.h"
#include "scratch.h"
#include "signals.h"
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
/// Tiles of AMX have 16 rows; how the rows of one product are cut into tiles, and in which order they are
/// summed, depends on the shape, so these are tried in turn until one is seen to give equal bits.
constexpr RowBlocks kTileBlocks[] = {{64, 16, 16}, {64, 32, 32}, {64, 64, 64}};
/// Below so many rows a thread, products are shared out by columns.
constexpr int kFewRows = 16;
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
    if (error.status == dnnl_out_of_memory) seq_out_of_memory(0, "a matrix product");
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
    seq::SignalHold hold;
    dnnl_status_t status =
        dnnl_primitive_execute(r.product->primitive.get(), stream().get(), count, arguments);
    if (status == dnnl_out_of_memory) seq_out_of_memory(0, "a matrix product");
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

/// The product of a full block of rows with a `[K,N]` matrix, which decides its packed layout. The
/// result is dense: oneDNN leaves its small-block kernels for a strided one.
dnnl::matmul::primitive_desc describe_packed(int K, int N, Type type) {
    try {
        use_one_thread();
        Key key{kBlocks.size, N, K, K, 0, N, type, Weights::any, false, false};
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

}  // namespace

struct seq_packed {
    /// Columns of the matrix; parts share the memory of the whole.
    struct Panel {
        int first, width;
        memory::desc layout;
        memory packed;
    };
    int K, N;
    seq_precision precision;
    Type type;
    RowBlocks blocks;
    Panel whole;
    /// The columns shared out to threads, for products of few rows; empty when the layout of the whole
    /// cannot be cut.
    std::vector<Panel> parts;
    std::unique_ptr<void, decltype(&std::free)> storage{nullptr, &std::free};
};

namespace {
/// How a packed layout is blocked: the columns that lie together, how far apart such blocks are in
/// numbers, and what must be equal for two matrices to be blocked alike.
struct Blocking {
    int columns = 0;
    dnnl_dim_t column_stride = 0;
    std::vector<dnnl_dim_t> pattern;
};

Blocking blocking(const memory::desc &layout) {
    Blocking result;
#if DNNL_VERSION_MAJOR >= 3
    auto strides = layout.get_strides();
    auto sizes = layout.get_inner_blks(), dimensions = layout.get_inner_idxs();
    int count = layout.get_inner_nblks();
#else
    const auto &format = layout.data.format_desc.blocking;
    const auto *strides = format.strides, *sizes = format.inner_blks, *dimensions = format.inner_idxs;
    int count = format.inner_nblks;
#endif
    if (count == 0) return result;
    result.columns = 1;
    result.pattern = {strides[0], strides[1]};
    for (int i = 0; i < count; i++) {
        if (dimensions[i] == 1) result.columns *= int(sizes[i]);
        result.pattern.push_back(sizes[i]);
        result.pattern.push_back(dimensions[i]);
    }
    result.column_stride = strides[1];
    // Blocks of columns must follow each other whole.
    if (result.column_stride < strides[0]) result.columns = 0;
    return result;
}

/// Cuts the whole into parts for `threads`, if a part's product wants the layout that it has there.
void cut_columns(seq_packed &W, int threads) {
    Blocking whole = blocking(W.whole.layout);
    if (whole.columns == 0 || threads < 2) return;
    int blocks = (W.N + whole.columns - 1) / whole.columns;
    int each = (blocks + threads - 1) / threads;
    if (each == blocks) return;
    size_t element = W.type == Type::bf16 ? sizeof(uint16_t) : sizeof(float);
    for (int block = 0; block < blocks; block += each) {
        seq_packed::Panel part;
        part.first = block * whole.columns;
        part.width = std::min(each * whole.columns, W.N - part.first);
        part.layout = describe_packed(W.K, part.width, W.type).weights_desc();
        if (blocking(part.layout).pattern != whole.pattern) {
            W.parts.clear();
            return;
        }
        char *start = static_cast<char *>(W.storage.get()) +
                      size_t(block) * size_t(whole.column_stride) * element;
        part.packed = memory(part.layout, cpu(), start);
        W.parts.push_back(std::move(part));
    }
}
}  // namespace

namespace {
void choose_tile_blocks(seq_packed &W);
}  // namespace

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
    auto description = describe_packed(K, N, packed->type);
    const char *implementation = description.impl_info_str();
    packed->blocks = row_blocks(implementation);
    packed->whole = {0, N, description.weights_desc(), memory()};
    size_t bytes = (packed->whole.layout.get_size() + 63) / 64 * 64;
    packed->storage.reset(std::aligned_alloc(64, bytes));
    if (!packed->storage) seq_out_of_memory(bytes, "a packed weight");
    packed->whole.packed = memory(packed->whole.layout, cpu(), packed->storage.get());
    cut_columns(*packed, seq_threads());
    if (std::strstr(implementation, "amx")) choose_tile_blocks(*packed);
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
    seq::parallel(packed->parts.empty() ? 1 : int(packed->parts.size()), [&](int index) {
        auto &panel = packed->parts.empty() ? packed->whole : packed->parts[size_t(index)];
        memory::dims strides = transposed ? memory::dims{1, K} : memory::dims{N, 1};
        memory::desc plain({K, panel.width}, Type::f32, strides);
        const float *from = weight + (transposed ? size_t(panel.first) * size_t(K)
                                                 : size_t(panel.first));
        try {
            use_one_thread();
            memory source(plain, cpu(), const_cast<float *>(from));
            seq::SignalHold hold;
            dnnl::reorder(source, panel.packed).execute(stream(), source, panel.packed);
        } catch (const dnnl::error &error) {
            fail(error, 0, panel.width, K);
        }
    });
}

void seq_packed_free(seq_packed *packed) { delete packed; }
}  // extern "C"

namespace {
/// result `[rows, width]` = A·panel + beta·result (+ bias) for a block of rows, the last ones filled up
/// as the product wants it. `element` is the size of a number of A.
void multiply_block(const char *A, int rows, size_t element, const seq_packed &W,
                    const seq_packed::Panel &panel, float beta, const float *bias, float *result) {
    int padded = W.blocks.padded(rows);
    Key key{padded, panel.width, W.K, W.K, 0, panel.width, W.type, Weights::packed, beta != 0,
            bias != nullptr};
    if (padded == rows) {
        run(runner(key, panel.layout), A, panel.packed, bias, result);
        return;
    }
    thread_local seq::Scratch source, padded_result;
    size_t bytes = size_t(W.K) * element, width = size_t(panel.width);
    char *a = source.get<char>(size_t(padded) * bytes);
    std::memcpy(a, A, size_t(rows) * bytes);
    std::memset(a + size_t(rows) * bytes, 0, size_t(padded - rows) * bytes);
    float *c = padded_result.get<float>(size_t(padded) * width);
    if (beta != 0) {
        std::memcpy(c, result, size_t(rows) * width * sizeof(float));
        std::memset(c + size_t(rows) * width, 0, size_t(padded - rows) * width * sizeof(float));
    }
    run(runner(key, panel.layout), a, panel.packed, bias, c);
    std::memcpy(result, c, size_t(rows) * width * sizeof(float));
}

SEQ_SIMD void add_to(float *__restrict y, const float *__restrict x, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] += x[i];
}

/// C = A·W + beta·C (+ bias) for few rows: each thread computes some columns aside.
void multiply_columns(const char *A, int rows, size_t element, const seq_packed &W, float beta,
                      const float *bias, float *C) {
    seq::parallel(int(W.parts.size()), [&](int index) {
        thread_local seq::Scratch scratch;
        const auto &part = W.parts[size_t(index)];
        size_t width = size_t(part.width);
        float *result = scratch.get<float>(size_t(rows) * width);
        multiply_block(A, rows, element, W, part, 0, bias ? bias + part.first : nullptr, result);
        for (int r = 0; r < rows; r++) {
            float *to = C + size_t(r) * size_t(W.N) + part.first;
            if (beta != 0)
                add_to(to, result + size_t(r) * width, width);
            else
                std::memcpy(to, result + size_t(r) * width, width * sizeof(float));
        }
    });
}
}  // namespace

namespace {
/// Numbers without a pattern, the same at every call.
template <class Number, class Convert>
std::vector<Number> noise(size_t count, uint32_t seed, Convert convert) {
    std::vector<Number> numbers(count);
    for (auto &number : numbers) {
        seed = seed * 1664525u + 1013904223u;
        number = convert(float(seed >> 8) * 0x1p-23f - 1);
    }
    return numbers;
}

/// The operands of a trial of `W`, whose packed memory holds noise.
struct Trial {
    std::vector<uint16_t> rows;
    std::vector<float> bias, addend;

    explicit Trial(seq_packed &W) {
        auto number = [](float x) { return x; };
        auto half = [](float x) {
            uint16_t result;
            seq::to_bfloat16(&result, &x, 1);
            return result;
        };
        rows = noise<uint16_t>(size_t(kBlocks.size) * size_t(W.K), 1, half);
        bias = noise<float>(size_t(W.N), 2, number);
        addend = noise<float>(size_t(kBlocks.size) * size_t(W.N), 3, number);
        seq_packed_update(&W, noise<float>(size_t(W.K) * size_t(W.N), 4, number).data(), false);
    }

    /// The product of the first rows with a panel, with the bias, the addend, or neither.
    std::vector<float> product(const seq_packed &W, const seq_packed::Panel &panel, int count,
                               int form) const {
        size_t width = size_t(panel.width);
        std::vector<float> result(size_t(count) * width);
        for (size_t r = 0; r < size_t(count); r++)
            std::memcpy(result.data() + r * width, addend.data() + r * size_t(W.N) + panel.first,
                        width * sizeof(float));
        multiply_block(reinterpret_cast<const char *>(rows.data()), count, sizeof(uint16_t), W,
                       panel, form == 2 ? 1 : 0, form == 1 ? bias.data() + panel.first : nullptr,
                       result.data());
        return result;
    }

    /// Whether every number of rows that `W.blocks` lets through gives the bits of a full block.
    bool agrees(const seq_packed &W, const seq_packed::Panel &panel) const {
        size_t width = size_t(panel.width), bytes = width * sizeof(float);
        for (int form = 0; form < 3; form++) {
            auto full = product(W, W.whole, kBlocks.size, form);
            for (int count = W.blocks.step; count <= kBlocks.size; count += W.blocks.step) {
                auto part = product(W, panel, count, form);
                for (size_t r = 0; r < size_t(count); r++)
                    if (std::memcmp(part.data() + r * width,
                                    full.data() + r * size_t(W.N) + panel.first, bytes) != 0)
                        return false;
            }
        }
        return true;
    }
};

/// What was chosen for a shape.
struct TileChoice {
    RowBlocks blocks;
    bool has_parts;
};

/// Chooses the row blocks of a matrix that AMX multiplies, and whether its columns can be shared out, so
/// that a row has the same bits in any company. It is found out by multiplying noise, once for each shape:
/// oneDNN does not say what its choice of tiles depends on.
void choose_tile_blocks(seq_packed &W) {
    static std::mutex lock;
    static std::unordered_map<Key, TileChoice, KeyHash> choices;
    Key key{int(W.parts.size()), W.N, W.K, 0, 0, 0, W.type, Weights::packed, false, false};
    std::lock_guard<std::mutex> guard(lock);
    auto found = choices.find(key);
    if (found == choices.end()) {
        Trial trial(W);
        for (const RowBlocks &blocks : kTileBlocks) {
            W.blocks = blocks;
            if (trial.agrees(W, W.whole)) break;
        }
        bool has_parts = std::all_of(W.parts.begin(), W.parts.end(), [&](const auto &part) {
            return trial.agrees(W, part);
        });
        found = choices.emplace(key, TileChoice{W.blocks, has_parts}).first;
    }
    W.blocks = found->second.blocks;
    if (!found->second.has_parts) W.parts.clear();
}
}  // namespace

extern "C" void seq_matmul_packed(const float *A, int M, const seq_packed *W, float beta,
                                  const float *bias, float *C) {
    if (M <= 0) return;
    seq::count_multiply_adds(M, W->N, W->K);
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
    const char *rows_of_a = static_cast<const char *>(a);
    bool is_small = double(M) * double(N) * double(K) < 131072.0;
    int threads = is_small || seq_inside_team() ? 1 : seq_threads();
    if (threads > 1 && !W->parts.empty() && M < kFewRows * threads) {
        multiply_columns(rows_of_a, M, element, *W, beta, bias, C);
        return;
    }
    // Rows for every thread, and blocks of equal size as far as they go.
    int each = (M + threads - 1) / threads;
    int block = W->blocks.size;
    if (each < block) block = (each + W->blocks.step - 1) / W->blocks.step * W->blocks.step;
    size_t blocks = size_t((M + block - 1) / block);
    seq::parallel_range(blocks, threads == 1 ? blocks : 1, [&](size_t begin, size_t end) {
        for (size_t index = begin; index < end; index++) {
            int row = int(index) * block;
            multiply_block(rows_of_a + size_t(row) * size_t(K) * element,
                           std::min(block, M - row), element, *W, W->whole, beta, bias,
                           C + size_t(row) * size_t(N));
        }
    });
}

namespace {
void multiply_float32(bool ta, bool tb, int M, int N, int K, const float *A, int lda,
                      const float *B, int ldb, float beta, float *C, int ldc) {
    use_one_thread();
    seq::SignalHold hold;
    dnnl_status_t status =
        dnnl_sgemm(ta ? 'T' : 'N', tb ? 'T' : 'N', M, N, K, 1, A, lda, B, ldb, beta, C, ldc);
    if (status == dnnl_out_of_memory) seq_out_of_memory(0, "a matrix product");
    if (status != dnnl_success) {
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
    seq::count_multiply_adds(M, N, K);
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
