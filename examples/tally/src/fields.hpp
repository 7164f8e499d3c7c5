// Comma-separated values, one line at a time. A field in double quotes may hold commas, and "" for a quote.
#pragma once

#include <string>
#include <string_view>
#include <vector>

// The fields of a line, at least one. `fields` is overwritten.
void split_line(std::string_view line, std::vector<std::string> &fields);
