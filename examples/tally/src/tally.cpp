#include "tally.hpp"

#include <algorithm>
#include <optional>

#include "amount.hpp"
#include "fields.hpp"

// Where the key's row is; the number of rows if it has none yet.
std::size_t Tally::find(std::string_view key) const
{
    std::size_t at = 0;
    while (at < rows.size() && rows[at].key != key)
        at++;
    return at;
}

void Tally::add(std::string_view key, long long hundredths)
{
    const std::size_t at = find(key);
    if (at == rows.size()) {
        rows.emplace_back();
        rows.back().key = key;
    }
    rows[at].sum += hundredths;
    rows[at].count++;
}

static bool before(const Row &one, const Row &other)
{
    return one.sum != other.sum ? one.sum > other.sum : one.key < other.key;
}

std::vector<Row> Tally::largest(std::size_t most) const
{
    std::vector<Row> sorted = rows;
    std::sort(sorted.begin(), sorted.end(), before);
    if (sorted.size() > most)
        sorted.resize(most);
    return sorted;
}

static bool add_line(std::string_view line, std::size_t key_column, std::size_t amount_column, Tally &tally)
{
    std::vector<std::string> fields;
    split_line(line, fields);
    if (key_column >= fields.size() || amount_column >= fields.size())
        return false;
    const std::optional<long long> amount = parse_amount(fields[amount_column]);
    if (!amount)
        return false;
    tally.add(fields[key_column], *amount);
    return true;
}

std::size_t tally_lines(std::string_view text, std::size_t key_column, std::size_t amount_column, Tally &tally)
{
    std::size_t refused = 0;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        if (end > 0 && !add_line(text.substr(0, end), key_column, amount_column, tally))
            refused++;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return refused;
}
