// The processes that programs leave behind: found, killed and reaped. The harness is process 1 of its namespace in a
// run, so every process whose parent ended becomes its child.
#pragma once

#include <sys/types.h>

namespace tcpwitness {

// Actors' own processes, which only their Actor waits for.
void add_actor_process(pid_t pid);
void remove_actor_process(pid_t pid);

// Kills a process that has not been waited for and has no children, and waits for it.
void kill_process(pid_t pid);

// Kills a process that has not been waited for, its process group and every descendant, and waits for the process
// itself. Descendants are found in /proc; where that shows another namespace's processes, only the group is killed.
void kill_process_tree(pid_t pid);

// Kills what is left of the process group of a program that has ended.
void kill_process_group(pid_t group);

// Waits for every child that has ended and is not an actor's. Does so only where orphans come here: in process 1 of a
// PID namespace or a subreaper; any child that is no actor's is taken for an orphan there.
void reap_orphans();

// When no actor is left: kills the orphans that are still alive, and reaps them.
void kill_orphans();

}  // namespace tcpwitness
