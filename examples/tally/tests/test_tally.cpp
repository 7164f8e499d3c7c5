// What the tool promises, with the boundaries worked out by hand.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "amount.hpp"
#include "fields.hpp"
#include "tally.hpp"

static int failures;

static void expect(const std::string &what, const std::string &wanted, const std::string &found)
{
    if (wanted == found)
        return;
    std::fprintf(stderr, "%s: wanted %s, found %s\n", what.c_str(), wanted.c_str(), found.c_str());
    failures++;
}

static std::string parsed(std::string_view text)
{
    const auto amount = parse_amount(text);
    return amount ? std::to_string(*amount) : "none";
}

static void reads_amounts()
{
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"12", "1200"},        {"-3.5", "-350"},   {"+0.07", "7"},          {"0", "0"},
        {"1.23", "123"},       {"1.234", "none"},  {"1.", "none"},          {".5", "none"},
        {"", "none"},          {"-", "none"},      {"+", "none"},           {"--1", "none"},
        {"x", "none"},         {"1x", "none"},     {"1.2x", "none"},        {"1,5", "none"},
        {"0/9:", "none"},      {"9", "900"},       {"10/", "none"},         {"10:", "none"},
        {" 1", "none"},        {"-0.01", "-1"},    {"999999999999", "99999999999900"},
        {"1234567890123", "none"}, {"0.001", "none"}, {"123456789012.34", "12345678901234"},
        {"1234567890123.5", "none"}, {"00000000000000000000000000001", "none"},
    };
    for (const auto &[text, wanted] : cases)
        expect("amount '" + text + "'", wanted, parsed(text));
}

static void writes_amounts()
{
    const std::vector<std::pair<long long, std::string>> cases = {
        {0, "0.00"}, {5, "0.05"}, {-5, "-0.05"}, {99, "0.99"}, {100, "1.00"}, {-100, "-1.00"}, {1234, "12.34"},
    };
    for (const auto &[hundredths, wanted] : cases)
        expect("formatted", wanted, format_amount(hundredths));
}

static std::string joined(std::string_view line)
{
    std::vector<std::string> fields;
    split_line(line, fields);
    std::string all;
    for (const auto &field : fields)
        all += "[" + field + "]";
    return all;
}

static void splits_lines()
{
    expect("plain", "[a][b][c]", joined("a,b,c"));
    expect("one field", "[abc]", joined("abc"));
    expect("nothing", "[]", joined(""));
    expect("empty fields", "[][]", joined(","));
    expect("an empty field at the end", "[a][]", joined("a,"));
    expect("an empty field at the front", "[][a]", joined(",a"));
    expect("quoted", "[a,b][c]", joined("\"a,b\",c"));
    expect("quoted later", "[c][a,b]", joined("c,\"a,b\""));
    expect("a quote in a quoted field", "[say \"hi\", Jo][2]", joined("\"say \"\"hi\"\", Jo\",2"));
    expect("an empty quoted field", "[][x]", joined("\"\",x"));
    expect("a quoted part", "[ab,c][d]", joined("a\"b,\"c,d"));
    expect("two quotes outside of a quoted field", "[ab][c]", joined("a\"\"b,c"));
    expect("a quoted field without its end", "[a,b]", joined("\"a,b"));
    expect("a line that ends where a quote follows", "[a]", joined(std::string_view("\"a\"\"", 3)));
    expect("a quote at the end", "[a\"]", joined("\"a\"\"\""));
}

static std::string rows(std::string_view text, std::size_t key, std::size_t amount, std::size_t most)
{
    Tally tally;
    const std::size_t refused = tally_lines(text, key, amount, tally);
    std::string all = std::to_string(refused);
    for (const Row &row : tally.largest(most))
        all += " " + row.key + ":" + std::to_string(row.sum) + "/" + std::to_string(row.count);
    return all;
}

static void sums_by_key()
{
    expect("sums", "0 b:500/2 a:300/1", rows("a,3\nb,1\nb,4\n", 0, 1, 5));
    expect("no line", "0", rows("", 0, 1, 5));
    expect("one line without an end", "0 a:300/1", rows("a,3", 0, 1, 5));
    expect("empty lines", "0 a:400/2", rows("\n\na,3\n\na,1\n\n", 0, 1, 5));
    expect("no amount", "1 a:300/1", rows("a,3\na,x\n", 0, 1, 5));
    expect("no amount in any line", "2", rows("a,\nb,x", 0, 1, 5));
    expect("no such column for the key", "1 b:200/1", rows("1\n2,b", 1, 0, 5));
    expect("no such column for the amount", "1 b:200/1", rows("a\nb,2", 0, 1, 5));
    expect("the other way round", "0 b:300/1 a:200/1", rows("2,a\n3,b", 1, 0, 5));
    expect("one column for both", "0 3:300/1", rows("3,a", 0, 0, 5));
    expect("the last columns", "0 z:900/1", rows("1,2,z,9\n", 2, 3, 5));
    expect("equal sums by their keys", "0 a:100/1 b:100/1 c:100/1", rows("b,1\nc,1\na,1", 0, 1, 5));
    expect("sums that cancel out", "0 b:100/1 a:0/2", rows("a,2\nb,1\na,-2", 0, 1, 5));
    expect("the largest", "0 c:300/1 b:200/1", rows("a,1\nb,2\nc,3", 0, 1, 2));
    expect("as many as there are", "0 b:200/1 a:100/1", rows("a,1\nb,2", 0, 1, 2));
    expect("none", "0", rows("a,1\nb,2", 0, 1, 0));
    expect("keys that begin alike", "0 aa:300/1 a:200/1 :100/1", rows(",1\na,2\naa,3", 0, 1, 5));
}

int main()
{
    reads_amounts();
    writes_amounts();
    splits_lines();
    sums_by_key();
    std::puts(failures ? "FAILED" : "all passed");
    return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
