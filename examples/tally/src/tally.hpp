// Sums amounts by key.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

struct Row {
    std::string key;
    long long sum = 0; // hundredths
    long long count = 0;
};

class Tally {
public:
    void add(std::string_view key, long long hundredths);

    // The rows with the largest sums, at most `most`, largest first; equal sums in the order of their keys.
    std::vector<Row> largest(std::size_t most) const;

private:
    std::size_t find(std::string_view key) const;

    std::vector<Row> rows; // in the order in which the keys were met
};

// Adds every line of `text`, by the fields `key_column` and `amount_column` (from 0). Empty lines count for nothing.
// Returns how many lines have no such field, or no amount in it.
std::size_t tally_lines(std::string_view text, std::size_t key_column, std::size_t amount_column, Tally &tally);
