// The stage of a plan: hosts with their settings, links, addresses and routes; and what a case's endpoints stand for.
#pragma once

#include <string>

#include "case/case.hh"
#include "plan/plan.hh"
#include "plan/settings.hh"

namespace tcpwitness {

// Two subnets, 10.0.1.0/24 and fd00:0:0:1::/64 for the client, 10.0.2.0/24 and fd00:0:0:2::/64 for the server, with
// `path` at .254 and ::fe of both; in the topology `direct` both hosts are on the first. IPv6 where the machine has it.
PlanNetwork plan_network(const CaseStory& story, const Settings& settings);

// The kernel of path leaves forwarding to the Forwarder.
void forward_in_user_space(PlanNetwork& network);

// The address of a host as seen from `from` (path has one on each side).
IpAddress host_address(const std::string& host, Family family, bool direct, const std::string& from);

// What an endpoint stands for in a call on a socket of `socket_family` by a program on the host `from`.
IpAddress endpoint_address(const Endpoint& endpoint, Family socket_family, bool direct, const std::string& from);

}  // namespace tcpwitness
