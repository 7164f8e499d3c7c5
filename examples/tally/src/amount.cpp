#include "amount.hpp"

#include <cstddef>

static const std::size_t most_digits = 12;

// Reads digits from the front of `text` and takes them away; returns how many there were.
static std::size_t take_digits(std::string_view &text, long long &value)
{
    std::size_t count = 0;
    while (count < text.size() && text[count] >= '0' && text[count] <= '9' && count <= most_digits) {
        value = value * 10 + (text[count] - '0');
        count++;
    }
    text.remove_prefix(count);
    return count;
}

std::optional<long long> parse_amount(std::string_view text)
{
    bool negative = false;
    if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
        negative = text[0] == '-';
        text.remove_prefix(1);
    }
    long long value = 0;
    const std::size_t digits = take_digits(text, value);
    if (digits == 0 || digits > most_digits)
        return std::nullopt;
    std::size_t decimals = 0;
    if (!text.empty() && text[0] == '.') {
        text.remove_prefix(1);
        decimals = take_digits(text, value);
        if (decimals == 0)
            return std::nullopt;
    }
    if (!text.empty() || decimals > 2)
        return std::nullopt;
    for (; decimals < 2; decimals++)
        value *= 10;
    return negative ? -value : value;
}

std::string format_amount(long long hundredths)
{
    const bool negative = hundredths < 0;
    std::string digits = std::to_string(negative ? -hundredths : hundredths);
    if (digits.size() < 3)
        digits.insert(0, 3 - digits.size(), '0');
    digits.insert(digits.size() - 2, ".");
    return negative ? "-" + digits : digits;
}
