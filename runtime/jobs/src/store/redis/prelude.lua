local SCHEDULED, ACTIVE, DATA, WORKERS = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local DONE, DEAD, DONE_AT = KEYS[5], KEYS[6], KEYS[7]
local META, INFLIGHT, KEY = KEYS[8] .. ":", KEYS[9] .. ":", KEYS[10] .. ":"

-- A job as it is listed.
local function stored(id)
    local meta = redis.call("HMGET", META .. id, "status", "attempts", "max_attempts", "result")
    local run_at = redis.call("ZSCORE", SCHEDULED, id)
    return {
        id, redis.call("HGET", DATA, id) or "", meta[1] or "", tonumber(meta[2]) or 0,
        tonumber(meta[3]) or 0, tonumber(run_at or nil) or 0, meta[4],
    }
end
