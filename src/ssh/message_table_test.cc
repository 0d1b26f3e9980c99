#include "ssh/message_table.h"

#include <gtest/gtest.h>

#include <set>

#include "ssh/messages.h"

namespace sallyport::ssh {
namespace {

std::set<int> legal_in(Phase phase, bool strict = false) {
  std::set<int> numbers;
  for (int number = 0; number < 256; ++number) {
    if (legality(phase, static_cast<std::uint8_t>(number), strict) == Legality::kLegal) {
      numbers.insert(number);
    }
  }
  return numbers;
}

using Numbers = std::set<int>;

TEST(MessageTable, EveryPhaseTakesExactlyItsMessages) {
  EXPECT_EQ(legal_in(Phase::kInitialKexInit), (Numbers{1, 2, 3, 4, 20}));
  EXPECT_EQ(legal_in(Phase::kInitialMethod), (Numbers{1, 2, 3, 4, 30, 32, 34}));
  EXPECT_EQ(legal_in(Phase::kInitialNewKeys), (Numbers{1, 2, 3, 4, 21}));
  EXPECT_EQ(legal_in(Phase::kService), (Numbers{1, 2, 3, 4, 5, 7, 20}));
  EXPECT_EQ(legal_in(Phase::kUserauth), (Numbers{1, 2, 3, 4, 5, 20, 50}));
  EXPECT_EQ(legal_in(Phase::kConnection),
            (Numbers{1, 2, 3, 4, 20, 50, 80, 81, 82, 90, 93, 94, 95, 96, 97, 98}));
  EXPECT_EQ(legal_in(Phase::kRekeyMethod), (Numbers{1, 2, 3, 4, 30, 32, 34}));
  EXPECT_EQ(legal_in(Phase::kRekeyNewKeys), (Numbers{1, 2, 3, 4, 21}));
}

TEST(MessageTable, StrictKexTakesNoNoiseInTheInitialExchangeOnly) {
  EXPECT_EQ(legal_in(Phase::kInitialKexInit, true), (Numbers{1, 20}));
  EXPECT_EQ(legal_in(Phase::kInitialMethod, true), (Numbers{1, 30, 32, 34}));
  EXPECT_EQ(legal_in(Phase::kInitialNewKeys, true), (Numbers{1, 21}));
  EXPECT_EQ(legal_in(Phase::kRekeyMethod, true), legal_in(Phase::kRekeyMethod, false));
  EXPECT_EQ(legal_in(Phase::kConnection, true), legal_in(Phase::kConnection, false));
}

TEST(MessageTable, NothingOfTheConnectionIsLegalBeforeAuthentication) {
  for (int p = 0; p < static_cast<int>(Phase::kConnection); ++p) {
    for (int number = 80; number <= 127; ++number) {
      EXPECT_NE(legality(static_cast<Phase>(p), static_cast<std::uint8_t>(number), false),
                Legality::kLegal)
          << p << " " << number;
    }
  }
}

TEST(MessageTable, UnassignedNumbersAreUnknownEverywhere) {
  for (int p = 0; p < kPhaseCount; ++p) {
    for (const int number : {0, 8, 22, 49, 54, 79, 83, 101, 192, 255}) {
      EXPECT_EQ(legality(static_cast<Phase>(p), static_cast<std::uint8_t>(number), true),
                Legality::kUnknown);
    }
  }
}

TEST(MessageTable, EveryPhaseHasAName) {
  for (int p = 0; p < kPhaseCount; ++p) EXPECT_NE(phase_name(static_cast<Phase>(p)), "");
  EXPECT_EQ(message_name(kMsgKexInit), "KEXINIT");
  EXPECT_EQ(message_name(200), "unknown");
}

}  // namespace
}  // namespace sallyport::ssh
