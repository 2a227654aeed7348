// Dynamic time warping: squared distances within a band, lower bounds, and the search for the nearest series.
#include "kernels.h"

#pragma STDC FP_CONTRACT OFF

// One series of several channels, `stride` apart. Behind the last one LANES more values can be read.
typedef struct {
    const double *values;
    int64_t n, stride, n_channels;
} curve;

typedef struct {
    int64_t low, high;  // cells [low, high) of an anti-diagonal
} cells;

// Costs and cheapest paths of the cells (i, d - i) of an anti-diagonal, independent of each other; returns where
// paths are within what is allowed. Whole vectors are computed: what lies behind the last cell is not looked at.
INLINE cells step(const double *x, int64_t stride_x, const double *y, int64_t stride_y, int64_t n_channels, int64_t n,
                  const double *last, const double *before, double *this, int limited, const double *allowed_x,
                  const double *allowed_y) {
    cells alive = {limited ? INT64_MAX / 2 : 0, limited ? 0 : n};
    for (int64_t i = 0; i < n; i += LANES) {
        vector difference = load(x + i) - load(y + i), cost = difference * difference;
        for (int64_t c = 1; c < n_channels; c++) {
            difference = load(x + c * stride_x + i) - load(y + c * stride_y + i);
            cost += difference * difference;
        }
        const vector total = cost + smaller(smaller(load(last + i), load(last + i + 1)), load(before + i));
        store(this + i + 1, total);
        if (limited && any(total <= smaller(load(allowed_x + i), load(allowed_y + i)))) {
            alive.low = i < alive.low ? i : alive.low;
            alive.high = i + LANES < n ? i + LANES : n;
        }
    }
    return alive;
}

// Squared distance of x and y, which is reversed; infinite where it is beyond the limit that the allowances come from.
// allowed_x (n,), allowed_y (m,) reversed: how much a path may cost up to a point, where limited; scratch: 3 * (n + 2 + LANES).
INLINE double warp(curve x, curve y, int64_t n_channels, int64_t radius, int limited, const double *allowed_x,
                   const double *allowed_y, double *scratch) {
    const int64_t n = x.n, m = y.n, size = n + 2 + LANES;
    double *before = scratch, *last = before + size, *this = last + size;
    for (int64_t i = 0; i < 3 * size; i++) scratch[i] = INFINITY;
    before[0] = 0;  // where all paths come from
    cells alive_before = {-1, 0}, alive_last = {INT64_MAX / 2, 0};
    for (int64_t d = 0; d <= n + m - 2; d++) {
        int64_t low = d - m + 1 > 0 ? d - m + 1 : 0, high = d + 1 < n ? d + 1 : n;
        if (d - radius > 0 && (d - radius + 1) / 2 > low) low = (d - radius + 1) / 2;
        if ((d + radius) / 2 + 1 < high) high = (d + radius) / 2 + 1;
        // Paths come from cells that are still alive: beside (i, i - 1 of the last) or across (i - 1 of the one before).
        const int64_t first = alive_last.low < alive_before.low + 1 ? alive_last.low : alive_before.low + 1;
        const int64_t end = (alive_last.high > alive_before.high ? alive_last.high : alive_before.high) + 1;
        if (first > low) low = first;
        if (end < high) high = end;
        if (high < low) high = low;
        const int64_t there = m - 1 - d + low;
        cells alive = step(x.values + low, x.stride, y.values + there, y.stride, n_channels, high - low, last + low,
                           before + low, this + low, limited, allowed_x + low, allowed_y + there);
        alive.low += low, alive.high = alive.high ? alive.high + low : 0;
        if (limited && !alive.high && !alive_last.high) return INFINITY;
        this[low] = this[high + 1] = INFINITY;
        alive_before = alive_last, alive_last = alive;
        double *oldest = before;
        before = last, last = this, this = oldest;
    }
    return !limited || (alive_last.high && last[n] <= allowed_x[n - 1]) ? last[n] : INFINITY;
}

static double distance(curve x, curve y, int64_t radius, const double *allowed_x, const double *allowed_y, double *scratch) {
    if (!allowed_x && x.n_channels == 1) return warp(x, y, 1, radius, 0, scratch, scratch, scratch);
    if (!allowed_x) return warp(x, y, x.n_channels, radius, 0, scratch, scratch, scratch);
    if (x.n_channels == 1) return warp(x, y, 1, radius, 1, allowed_x, allowed_y, scratch);
    return warp(x, y, x.n_channels, radius, 1, allowed_x, allowed_y, scratch);
}

static curve one_of(const warped *series, int64_t i) {
    const curve result = {series->values + i * series->n_channels * series->longest, series->lengths[i], series->longest,
                          series->n_channels};
    return result;
}

// Squared distances of the pairs (i[p], j[p]), from <= p < to; b holds its series reversed. scratch: 4 times the longer
// series and 2 + LANES more.
KERNEL NAME(dtw_pairs)(const warped *a, const warped *b, const int64_t *i, const int64_t *j, const int64_t *radii,
                     const double *limits, int64_t from, int64_t to, double *out, double *scratch,
                     const volatile int32_t *stop) {
    const int64_t longest = (a->longest > b->longest ? a->longest : b->longest) + 2 + LANES;
    for (int64_t p = from; p < to && !*stop; p++) {
        const curve x = one_of(a, i[p]), y = one_of(b, j[p]);
        const double *allowed = limits ? scratch : 0;
        for (int64_t t = 0; limits && t < longest; t++) scratch[t] = limits[p];
        out[p] = distance(x, y, radii[p], allowed, allowed, scratch + longest);
    }
}

// Least (sign -1) or largest (1) of the values within `radius` of each of `count` places, by running extremes of blocks
// (van Herk 1992). Places may lie behind the last value; scratch: 2 * (count + 2 * radius).
static void envelope(const double *x, int64_t n, int64_t count, int64_t radius, double sign, double *out, double *scratch) {
    const int64_t width = 2 * radius + 1, all = count + 2 * radius;
    double *ahead = scratch, *behind = scratch + all;
    for (int64_t p = 0; p < all; p++) behind[p] = p >= radius && p < n + radius ? sign * x[p - radius] : -INFINITY;
    for (int64_t start = 0; start < all; start += width) {
        const int64_t end = start + width < all ? start + width : all;
        ahead[start] = behind[start];
        for (int64_t p = start + 1; p < end; p++) ahead[p] = ahead[p - 1] > behind[p] ? ahead[p - 1] : behind[p];
        for (int64_t p = end - 2; p >= start; p--)
            if (behind[p + 1] > behind[p]) behind[p] = behind[p + 1];
    }
    for (int64_t t = 0; t < count; t++)
        out[t] = sign * (behind[t] > ahead[t + 2 * radius] ? behind[t] : ahead[t + 2 * radius]);
}

// Envelopes of series [from, to), (n, n_channels, count) each.
KERNEL NAME(dtw_envelopes)(const warped *series, int64_t from, int64_t to, int64_t count, int64_t radius, double *low,
                         double *high, double *scratch, const volatile int32_t *stop) {
    for (int64_t i = from; i < to && !*stop; i++)
        for (int64_t c = 0; c < series->n_channels; c++) {
            const int64_t row = i * series->n_channels + c;
            const double *x = series->values + row * series->longest;
            envelope(x, series->lengths[i], count, radius, -1, low + row * count, scratch);
            envelope(x, series->lengths[i], count, radius, 1, high + row * count, scratch);
        }
}

static inline double apart(const double *x, int64_t stride_x, const double *y, int64_t stride_y, int64_t n_channels) {
    double sum = 0;
    for (int64_t c = 0; c < n_channels; c++)
        sum += (x[c * stride_x] - y[c * stride_y]) * (x[c * stride_x] - y[c * stride_y]);
    return sum;
}

static inline vector outside(const double *x, const double *low, const double *high) {
    const vector value = load(x), beyond = larger(larger(value - load(high), load(low) - value), spread(0));
    return beyond * beyond;
}

// What each point of x costs at least on any path: its distance from the other's envelope (`stride` apart), into
// costs (x.n + LANES,); but the first and last points are aligned with each other. Returns the sum.
static double bound(curve x, const double *low, const double *high, int64_t stride, double first, double last, double *costs) {
    for (int64_t c = 0; c < x.n_channels; c++)
        for (int64_t t = 0; t < x.n; t += LANES) {
            const vector cost = outside(x.values + c * x.stride + t, low + c * stride + t, high + c * stride + t);
            store(costs + t, c ? load(costs + t) + cost : cost);
        }
    costs[x.n - 1] = last, costs[0] = first;
    vector sums = spread(0);
    int64_t t = 0;
    for (; t + LANES <= x.n; t += LANES) sums += load(costs + t);
    double sum = 0;
    for (int k = 0; k < LANES; k++) sum += sums[k];
    for (; t < x.n; t++) sum += costs[t];
    return sum;
}

// Turns costs of points into what a path may have cost up to each of them, when all behind it still costs its bound.
static void allow(double *costs, int64_t n, double limit) {
    double ahead = 0;
    for (int64_t t = n - 1; t >= 0; t--) {
        const double cost = costs[t];
        costs[t] = limit - ahead;
        ahead += cost;
    }
}

// Heap of the indices of series, the least bound on top.
static void sift(int64_t *heap, int64_t n, int64_t at, const double *bounds) {
    const int64_t moved = heap[at];
    for (int64_t child; (child = 2 * at + 1) < n; at = child) {
        if (child + 1 < n && bounds[heap[child + 1]] < bounds[heap[child]]) child++;
        if (bounds[heap[child]] >= bounds[moved]) break;
        heap[at] = heap[child];
    }
    heap[at] = moved;
}

static void reverse(const double *x, int64_t n, double *out) {
    for (int64_t t = 0; t < n; t++) out[t] = x[n - 1 - t];
}

typedef struct {
    const warped *references;
    const double *low, *high;  // their envelopes, (n, n_channels, count)
    int64_t count, radius;     // points of an envelope, how far they look around
    double window;             // share of the longer series that a path may leave the diagonal
    int64_t *heap;             // (n,)
    double *bounds;            // (n,)
    double *scratch;           // see dtw_nearest
} search;

// Squared distance of a reference to a query (forwards and backwards), or infinity where it is beyond the limit.
static double compare(const search *s, int64_t j, curve query, curve backwards, const double *low, const double *high,
                      double limit, double *scratch) {
    const curve x = one_of(s->references, j);
    const int64_t longer = x.n > query.n ? x.n : query.n, difference = x.n > query.n ? x.n - query.n : query.n - x.n;
    const double points = ceil(s->window * (double)longer - 1e-9);
    const int64_t radius = points > (double)difference ? (int64_t)points : difference, size = s->count + 2 + LANES;
    const double first = apart(x.values, x.stride, query.values, query.stride, x.n_channels);
    const double last =
        apart(x.values + x.n - 1, x.stride, query.values + query.n - 1, query.stride, x.n_channels);
    double *costs_x = scratch, *costs_y = costs_x + size, *turned = costs_y + size, *rest = turned + size;
    const int64_t row = j * x.n_channels * s->count;
    if (bound(query, s->low + row, s->high + row, s->count, first, last, costs_y) > limit) return INFINITY;
    bound(x, low, high, s->count, first, last, costs_x);
    allow(costs_x, x.n, limit), allow(costs_y, query.n, limit);
    reverse(costs_y, query.n, turned);
    return distance(x, backwards, radius, costs_x, turned, rest);
}

static double straight(curve x, curve y) {
    double sum = 0;
    for (int64_t t = 0; x.n == y.n && t < x.n; t++) sum += apart(x.values + t, x.stride, y.values + t, y.stride, x.n_channels);
    return x.n == y.n ? sum : INFINITY;
}

static void find_nearest(const search *s, curve query, int64_t *nearest, double *least) {
    const warped *references = s->references;
    const int64_t size = s->count + 2 + LANES, all = query.n_channels * s->count + LANES;
    double *low = s->scratch, *high = low + all, *turned = high + all, *rest = turned + all;
    const curve backwards = {turned, query.n, s->count, query.n_channels};
    for (int64_t c = 0; c < query.n_channels; c++) {
        const double *x = query.values + c * query.stride;
        envelope(x, query.n, s->count, s->radius, -1, low + c * s->count, rest);
        envelope(x, query.n, s->count, s->radius, 1, high + c * s->count, rest);
        reverse(x, query.n, turned + c * s->count);
    }
    for (int64_t j = 0; j < references->n; j++) {
        const curve x = one_of(references, j);
        const double first = apart(x.values, x.stride, query.values, query.stride, x.n_channels);
        const double last =
            apart(x.values + x.n - 1, x.stride, query.values + query.n - 1, query.stride, x.n_channels);
        s->bounds[j] = bound(x, low, high, s->count, first, last, rest), s->heap[j] = j;
    }
    for (int64_t at = references->n / 2 - 1; at >= 0; at--) sift(s->heap, references->n, at, s->bounds);
    // Sums are rounded: what is this near the limit is computed in full.
    const double slack = 1 + (double)(8 * size * query.n_channels) * 0x1p-52;
    *nearest = -1, *least = INFINITY;
    double limit = straight(one_of(references, s->heap[0]), query) * slack + 0x1p-1000;
    for (int64_t n = references->n; n > 0; n--) {
        const int64_t j = s->heap[0];
        if (s->bounds[j] > limit) return;
        const double found = compare(s, j, query, backwards, low, high, limit, rest);
        if (found < *least || (found == *least && j < *nearest)) {
            *least = found, *nearest = j;
            if (found * slack < limit) limit = found * slack + 0x1p-1000;
        }
        s->heap[0] = s->heap[n - 1];
        sift(s->heap, n - 1, 0, s->bounds);
    }
}

// The nearest reference, of equals the first, of each of the queries [from, to), and its squared distance. low and high
// are the references' envelopes of `count` points, at least as many as any series has, and of a radius at least that of
// any pair. scratch: 3 * (n_channels * count + LANES) + 2 * (count + 2 * radius) + 8 * (count + 2 + LANES) numbers.
KERNEL NAME(dtw_nearest)(const warped *queries, const warped *references, const double *low, const double *high, int64_t count,
                       int64_t radius, double window, int64_t from, int64_t to, int64_t *nearest, double *least,
                       int64_t *heap, double *bounds, double *scratch, const volatile int32_t *stop) {
    const search s = {references, low, high, count, radius, window, heap, bounds, scratch};
    for (int64_t q = from; q < to && !*stop; q++) find_nearest(&s, one_of(queries, q), nearest + q, least + q);
}
