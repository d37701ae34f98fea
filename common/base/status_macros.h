// The only two macros of this tree. Both return the failed status from the enclosing function, which
// may return absl::Status or absl::StatusOr.
#pragma once

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// RETURN_IF_ERROR(store.Save(order));
#define RETURN_IF_ERROR(expression)                                                     \
  do {                                                                                  \
    if (absl::Status status_of_expression = (expression); !status_of_expression.ok()) { \
      return status_of_expression;                                                      \
    }                                                                                   \
  } while (false)

// ASSIGN_OR_RETURN(Order order, store.Find(id));
#define ASSIGN_OR_RETURN(target, expression) \
  ARASTA_ASSIGN_OR_RETURN_(ARASTA_CONCAT_(result_of_line_, __LINE__), target, expression)

#define ARASTA_ASSIGN_OR_RETURN_(result, target, expression) \
  auto result = (expression);                                \
  if (!result.ok()) return std::move(result).status();       \
  target = std::move(result).value()
#define ARASTA_CONCAT_(a, b) ARASTA_CONCAT_INNER_(a, b)
#define ARASTA_CONCAT_INNER_(a, b) a##b
