import { readFileSync } from 'node:fs';

/** What /proc counts CPU time in: USER_HZ, which Linux fixes at 100 for all programs. */
const ticksPerSecond = 100;

/**
 * CPU time that a process has used, all threads, in milliseconds; undefined when there is no such process here.
 * @param {number} pid
 */
export function cpuMilliseconds(pid) {
  const stat = read(`/proc/${pid}/stat`);
  if (!stat) return undefined;
  // The name of the command, in parentheses, may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond;
}

/**
 * The most memory that a process has had resident, in MiB.
 * @param {number} pid
 */
export function peakMemory(pid) {
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
}

/**
 * The memory that a process has resident, in MiB.
 * @param {number} pid
 */
export function residentMemory(pid) {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
}

/**
 * @param {number} pid
 * @param {string} name
 */
export const isRunning = (pid, name) => read(`/proc/${pid}/comm`)?.trim() === name;

/** @param {string} path */
function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
