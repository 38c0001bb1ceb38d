// Writes times and numbers.

/** Writes a time given in microseconds. */
export function duration(micros) {
  const millis = Math.max(0, micros) / 1000;
  if (millis < 10) return `${millis.toFixed(2)} ms`;
  if (millis < 1000) return `${millis.toFixed(1)} ms`;
  const seconds = millis / 1000;
  if (seconds < 60) return `${seconds.toFixed(2)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Writes the time of day, given in milliseconds since 1970. */
export function clock(millis) {
  return new Date(millis).toLocaleTimeString(undefined, {
    hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 1, hour12: false,
  });
}

/** Writes a rate. */
export function rate(perSecond) {
  return `${perSecond < 10 ? perSecond.toFixed(1) : Math.round(perSecond)}/s`;
}

/** Writes a number of bytes. */
export function bytes(count) {
  return count < 10_000 ? `${count} bytes` : `${(count / 1024).toFixed(0)} KiB`;
}
