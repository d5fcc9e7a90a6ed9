-- Tells luacheck what each file of bot/store/lua may use, as bot/store/scripts.py puts it together: what its libraries
-- define, the script's arguments, and the names of keys and constants from Python.

local FOLDER = "bot/store/lua/"
local PYTHON_FILES = {"bot/store/keys.py", "bot/store/prelude.py"}

local function read(path)
  local file = assert(io.open(path))
  local text = file:read("*a")
  file:close()
  return text
end

local function add_all(names, more)
  for _, name in ipairs(more) do table.insert(names, name) end
end

-- Finds what a tag of the header lists, in one line or several; `events:json` is the name events.
local function listed(text, tag)
  local names = {}
  for list in text:gmatch("\n%-%- @" .. tag .. " ([^\n]*)") do
    for name in list:gmatch("([%w_]+)[^,]*") do table.insert(names, name) end
  end
  return names
end

-- Finds what Python names: NAME = ..., name_key = ..., "NAME": ...
local function python_names()
  local names = {}
  for _, path in ipairs(PYTHON_FILES) do
    local text = "\n" .. read(path)
    for name in text:gmatch("\n([%u_]+) = ") do table.insert(names, name) end
    for name in text:gmatch("\n([%l_]+_key) = ") do table.insert(names, name) end
    for name in text:gmatch('"([%u_]+)":') do table.insert(names, name) end
  end
  return names
end

-- Finds what the libraries that a file includes define, and those that they include.
local function included(text)
  local names = {}
  for _, library in ipairs(listed(text, "include")) do
    local code = read(FOLDER .. "lib/" .. library .. ".lua")
    add_all(names, included(code))
    for name in code:gmatch("\nlocal function ([%w_]+)") do table.insert(names, name) end
  end
  return names
end

local function allow(path, more)
  local text = read(path)
  local names = included(text)
  add_all(names, python_names())
  files[path] = more
  files[path].read_globals = names
  files[path].globals = listed(text, "args")
end

stds.redis = {
  read_globals = {
    "ARGV", "KEYS", "cjson", "redis", "ipairs", "math", "pairs", "pcall", "string", "table", "tonumber", "tostring", "type", "unpack",
  },
}
std = "redis"
codes = true

local function paths(folder)
  local listing = assert(io.popen("ls " .. folder .. "*.lua"))
  local found = listing:read("*a")
  listing:close()
  return found:gmatch("[^\n]+")
end

for path in paths(FOLDER) do allow(path, {}) end
for path in paths(FOLDER .. "lib/") do allow(path, {ignore = {"211"}}) end -- what it defines is used elsewhere
