// What the tables of algorithms have in common, one table for each family: a row says of itself all that others need to
// know; here it is found by its name and picked by its cost.
#pragma once
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "../shape/message.h"

namespace convx {

// Families add what they run. A row is made field by field, in the file of its code.
template <class Spec>
struct AlgorithmRow {
    const char* name = nullptr;
    const char* summary = "";  // one line, for help()
    bool (*supports)(const Spec&) = [](const Spec&) { return true; };
    const char* needs = "";  // what supports() asks for
};

template <class Rows>
std::vector<std::string> names_of(const Rows& table) {
    std::vector<std::string> names{"auto"};
    for (const auto& row : table) names.emplace_back(row.name);
    return names;
}

using Summaries = std::vector<std::pair<std::string, std::string>>;  // name and one line, for help()

template <class Rows>
Summaries summaries_of(const Rows& table) {
    Summaries summaries{{"auto", "the one of these whose estimated cost is the least for the shapes of the call"}};
    for (const auto& row : table)
        summaries.emplace_back(row.name, std::string(row.summary) + (*row.needs ? "; needs " : "") + row.needs);
    return summaries;
}

// Null for "auto"; throws std::invalid_argument, which lists the choices, for what is no name.
template <class Row, size_t count>
const Row* row_named(const Row (&table)[count], const std::string& function, const std::string& name) {
    if (name == "auto") return nullptr;
    for (const Row& row : table)
        if (name == row.name) return &row;
    fail(function, "algorithm must be one of " + show_choices(names_of(table)), "'" + name + "'");
}

// row: null for "auto".
template <class Row, class Spec>
void check_row(const Row* row, const Spec& spec) {
    if (row && !row->supports(spec))
        fail(spec.function,
             std::string("algorithm must fit the convolution ('") + row->name + "' needs " + row->needs + ")",
             std::string("'") + row->name + "'");
}

constexpr double NOT_TAKEN = std::numeric_limits<double>::infinity();

// The row for which cost(row) is least, the first of several; some cost is less than NOT_TAKEN.
template <class Row, size_t count, class Cost>
const Row& cheapest(const Row (&table)[count], const Cost& cost) {
    const Row* best = table;
    double least = NOT_TAKEN;
    for (const Row& row : table) {
        const double c = cost(row);
        if (c < least) {
            best = &row;
            least = c;
        }
    }
    return *best;
}

}  // namespace convx
