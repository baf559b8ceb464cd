import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { runProcess } from "../../engines/models/run-process.ts";

/** A living process of a group. */
export interface GroupMember {
  pid: number;
  /** Its program and arguments, separated by spaces. */
  command: string;
}

/**
 * The living processes of a process group, ended ones that nobody has waited for excepted. Reads /proc on Linux, where ps may be
 * missing, and asks ps elsewhere.
 */
export async function groupMembers(group: number): Promise<GroupMember[]> {
  return process.platform === "linux" ? groupFromProc(group) : groupFromPs(group);
}

async function groupFromProc(group: number): Promise<GroupMember[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const members = await Promise.all(
    pids.map(async (pid) => {
      const status = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
      // `pid (name) state ppid pgrp ...`, where the name may hold anything.
      const [state, , pgrp] = status.slice(status.lastIndexOf(")") + 2).split(" ");
      if (Number(pgrp) !== group || state === "Z" || state === "X") return undefined;
      const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
      return { pid: Number(pid), command: command.replaceAll("\0", " ").trim() };
    }),
  );
  return members.filter((member) => member !== undefined);
}

async function groupFromPs(group: number): Promise<GroupMember[]> {
  const { stdout } = await runProcess(["ps", "-A", "-o", "pid=,pgid=,stat=,command="], { env: process.env });
  const rows = [...stdout.matchAll(/^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/gm)];
  return rows
    .filter(([, , pgid, state]) => Number(pgid) === group && !state!.startsWith("Z"))
    .map(([, pid, , , command]) => ({ pid: Number(pid), command: command! }));
}

/** Ends a process group: asks it, and after `graceMs` makes it. Resolves when none of it is left. */
export async function endGroup(group: number, graceMs = 15_000): Promise<void> {
  const deadline = performance.now() + graceMs;
  signalGroup(group, "SIGTERM");
  while ((await groupMembers(group)).length > 0) {
    if (performance.now() > deadline) signalGroup(group, "SIGKILL");
    await sleep(100);
  }
}

function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
