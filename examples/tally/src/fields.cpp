#include "fields.hpp"

#include <cstddef>

// Appends the field that begins at `at`; returns where it ends: at a comma, or at the end of the line.
static std::size_t read_field(std::string_view line, std::size_t at, std::string &field)
{
    bool quoted = false;
    while (at < line.size()) {
        const char c = line[at];
        if (c == ',' && !quoted)
            break;
        at++;
        if (c != '"') {
            field += c;
        } else if (quoted && at < line.size() && line[at] == '"') {
            field += c;
            at++;
        } else {
            quoted = !quoted;
        }
    }
    return at;
}

void split_line(std::string_view line, std::vector<std::string> &fields)
{
    fields.assign(1, "");
    std::size_t at = read_field(line, 0, fields.back());
    while (at < line.size()) {
        fields.push_back("");
        at = read_field(line, at + 1, fields.back());
    }
}
