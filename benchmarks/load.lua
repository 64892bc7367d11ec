-- For wrk: each request posts the form in the file FORM; the last line printed is JSON.
wrk.method = "POST"
wrk.headers["Content-Type"] = "multipart/form-data; boundary=image"
wrk.body = io.open(os.getenv("FORM"), "rb"):read("*a")

function done(summary, latency, requests)
  local errors = summary.errors
  local refused = errors.connect + errors.read + errors.write + errors.timeout + errors.status
  io.write(string.format(
    '{"requests_per_second": %.1f, "p50_ms": %.2f, "p95_ms": %.2f, "p99_ms": %.2f, "errors": %d}\n',
    1e6 * summary.requests / summary.duration, latency:percentile(50) / 1000,
    latency:percentile(95) / 1000, latency:percentile(99) / 1000, refused))
end
