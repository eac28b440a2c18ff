// What the tables of algorithms have in common, one table for each family: a row says of itself all that others need to
// know; here it is found by its name and picked by its cost.
#pragma once
#include <limits>
#include <string>
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

// Null for "auto"; throws std::invalid_argument, which lists the choices, for what is no name.
template <class Row, size_t count>
const Row* row_named(const Row (&table)[count], const std::string& function, const std::string& name) {
    if (name == "auto") return nullptr;
    for (const Row& row : table)
        if (name == row.name) return &row;
    std::string choices;
    for (const std::string& n : names_of(table)) choices += (choices.empty() ? "'" : ", '") + n + "'";
    fail(function, "algorithm must be one of " + choices, "'" + name + "'");
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
