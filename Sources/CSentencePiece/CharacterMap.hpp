#pragma once

#include <string>
#include <string_view>

namespace seq {

/// Why the normalisation rules inside a serialised model would make the library read outside
/// its memory, or an empty string if they are sound.
///
/// SentencePiece parses a model strictly but trusts the compiled rules in it: one flipped byte
/// there ends the process. Only that part is examined; everything else the library checks.
std::string character_map_problem(std::string_view model);

}  // namespace seq
