// The JSON forms of the tricks of `path` and of what they share with the rest of a Plan.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "base/comparison.hh"
#include "base/expression.hh"
#include "base/path_trick.hh"

namespace tcpwitness {

void to_json(nlohmann::json& json, Relation relation);
void from_json(const nlohmann::json& json, Relation& relation);

#define TCPWITNESS_JSON_DECLARED(Type)                     \
    void to_json(nlohmann::json& json, const Type& value); \
    void from_json(const nlohmann::json& json, Type& value);

TCPWITNESS_JSON_DECLARED(Comparison)
TCPWITNESS_JSON_DECLARED(Term)
TCPWITNESS_JSON_DECLARED(FaultTrick)
TCPWITNESS_JSON_DECLARED(ReleaseTrick)
TCPWITNESS_JSON_DECLARED(BlackholeTrick)
TCPWITNESS_JSON_DECLARED(InjectTrick)
TCPWITNESS_JSON_DECLARED(IcmpTrick)
TCPWITNESS_JSON_DECLARED(ReplayTrick)
TCPWITNESS_JSON_DECLARED(LinkTrick)
TCPWITNESS_JSON_DECLARED(MtuTrick)
TCPWITNESS_JSON_DECLARED(MoveTrick)
TCPWITNESS_JSON_DECLARED(NetemTrick)
TCPWITNESS_JSON_DECLARED(QueueTrick)
#undef TCPWITNESS_JSON_DECLARED

}  // namespace tcpwitness
