-- Ends the hold of a job that has not begun.
-- ARGV: id, when it is due, or "" for now
local id = ARGV[1]
local due = tonumber(ARGV[2]) or tonumber(redis.call("TIME")[1])
local score = tonumber(redis.call("ZSCORE", SCHEDULED, id) or nil)
if score and score > due and redis.call("HGET", META .. id, "attempts") == "0" then
    redis.call("ZADD", SCHEDULED, due, id)
end
return 0
