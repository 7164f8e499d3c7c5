// tally KEY AMOUNT [MOST] < FILE.csv: sums the column AMOUNT by the column KEY, columns counted from 1.
#include <charconv>
#include <cstddef>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include "amount.hpp"
#include "tally.hpp"

static std::optional<std::size_t> number(std::string_view text)
{
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value == 0)
        return std::nullopt;
    return value;
}

int main(int argc, char **argv)
{
    const auto key = argc > 2 ? number(argv[1]) : std::nullopt;
    const auto amount = argc > 2 ? number(argv[2]) : std::nullopt;
    const auto most = argc > 3 ? number(argv[3]) : 20;
    if (argc > 4 || !key || !amount || !most) {
        std::cerr << "usage: tally KEY_COLUMN AMOUNT_COLUMN [MOST_ROWS] < FILE.csv   (columns from 1)\n";
        return 2;
    }
    const std::string text(std::istreambuf_iterator<char>(std::cin), {});
    Tally tally;
    const std::size_t refused = tally_lines(text, *key - 1, *amount - 1, tally);
    for (const Row &row : tally.largest(*most))
        std::cout << format_amount(row.sum) << '\t' << row.count << '\t' << row.key << '\n';
    if (refused > 0)
        std::cerr << "tally: " << refused << " lines without an amount\n";
    return refused > 0 ? 1 : 0;
}
