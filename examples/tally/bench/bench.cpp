// Sums what shops took: LINES lines, SHOPS shops whose names look alike, some amounts that are none.
#include <cstdint>
#include <cstdio>
#include <string>

#include "amount.hpp"
#include "tally.hpp"

static const int lines = 150000;
static const int shops = 1000;

// xorshift64*: the same everywhere.
static std::uint64_t next(std::uint64_t &state)
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (state * UINT64_C(2685821657736338717)) >> 32;
}

static std::string make_text()
{
    std::uint64_t state = 7;
    std::string text;
    for (int line = 0; line < lines; line++) {
        const auto shop = next(state) % shops;
        const auto hundredths = static_cast<long long>(next(state) % 20000) - 5000;
        text += "2024-03-" + std::to_string(10 + next(state) % 20) + ",\"Corner shop, street " + std::to_string(shop) + "\",";
        text += next(state) % 100 == 0 ? "void" : format_amount(hundredths);
        text += '\n';
    }
    return text;
}

int main()
{
    Tally tally;
    const std::size_t refused = tally_lines(make_text(), 1, 2, tally);
    std::printf("refused  %zu\n", refused);
    for (const Row &row : tally.largest(10))
        std::printf("%s  %lld  %s\n", format_amount(row.sum).c_str(), row.count, row.key.c_str());
    return 0;
}
