// Amounts of money as people write them: "12", "-3.5", "+0.07".
#pragma once

#include <optional>
#include <string>
#include <string_view>

// Hundredths; nothing if the text is no amount, has more than two decimals or more than twelve digits before them.
std::optional<long long> parse_amount(std::string_view text);

// The other way round, always with two decimals.
std::string format_amount(long long hundredths);
