// The ML-KEM hybrids of draft-ietf-sshm-mlkem-hybrid-kex. Without an OpenSSL that has ML-KEM only
// their absence is tested; scripts/trixie.sh runs this file where it is there.
#include <gtest/gtest.h>

#include "crypto/test_ml_kem.h"
#include "ssh/kex_method.h"
#include "ssh/negotiation.h"

namespace sallyport::ssh {
namespace {

using crypto::AgreementGroup;
using crypto::AgreementKey;
using crypto::MlKemSet;

struct Hybrid {
  const char* name;
  MlKemSet set;
  AgreementGroup group;
  crypto::DigestKind hash;
};

constexpr Hybrid kHybrids[] = {
    {"mlkem768x25519-sha256", MlKemSet::kMlKem768, AgreementGroup::kX25519,
     crypto::DigestKind::kSha256},
    {"mlkem768nistp256-sha256", MlKemSet::kMlKem768, AgreementGroup::kP256,
     crypto::DigestKind::kSha256},
    {"mlkem1024nistp384-sha384", MlKemSet::kMlKem1024, AgreementGroup::kP384,
     crypto::DigestKind::kSha384},
};

Bytes joined(ByteView a, ByteView b) {
  return ByteWriter().raw(a).raw(b).take();
}

class HybridTest : public ::testing::TestWithParam<Hybrid> {
 protected:
  void SetUp() override {
    method_ = find_kex_method(GetParam().name);
    if (method_ == nullptr) GTEST_SKIP() << "no ML-KEM in this OpenSSL";
  }
  void expect_refused(ByteView value) {
    const auto result = method_->compute(value);
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code, Errc::kInvalidArgument);
  }

  const KexMethod* method_ = nullptr;
  crypto::TestMlKemKey kem_{GetParam().set};
  AgreementKey curve_ = AgreementKey::generate(GetParam().group).value();
};

TEST_P(HybridTest, TheSecretIsTheHashOfBothSecretsAsAString) {
  const Bytes init = joined(kem_.public_half(), curve_.public_value());
  const auto reply = method_->compute(init);
  ASSERT_TRUE(reply.ok());
  const ByteView sent(reply->server_public);
  const std::size_t ciphertext = crypto::ml_kem_ciphertext_size(GetParam().set);
  ASSERT_EQ(sent.size(), ciphertext + curve_.public_value().size());
  const Bytes k_pq = kem_.decapsulate(sent.first(ciphertext));
  const Bytes k_cl = curve_.agree(sent.subspan(ciphertext)).value();
  const Bytes k = crypto::Digest(GetParam().hash).update(k_pq).update(k_cl).finish();
  EXPECT_EQ(reply->shared_secret, ByteWriter().string(k).take());
  EXPECT_EQ(method_->hash, GetParam().hash);
}

TEST_P(HybridTest, AValueOfAnotherLengthIsRefused) {
  const Bytes init = joined(kem_.public_half(), curve_.public_value());
  for (const std::size_t n :
       {std::size_t{0}, std::size_t{32}, kem_.public_half().size(), init.size() - 1}) {
    expect_refused(ByteView(init).first(n));
  }
  expect_refused(joined(init, Bytes{0}));
  expect_refused(joined(curve_.public_value(), kem_.public_half()));
}

TEST_P(HybridTest, AnMlKemKeyThatIsNotReducedIsRefused) {
  const Bytes bad = crypto::with_coefficient(kem_.public_half(), 300, 3329);
  expect_refused(joined(bad, curve_.public_value()));
}

TEST_P(HybridTest, ABadCurveValueIsRefused) {
  Bytes bad(curve_.public_value().size());
  expect_refused(joined(kem_.public_half(), bad));
  if (GetParam().group == AgreementGroup::kX25519) return;
  bad = curve_.public_value();
  bad.back() ^= 1;
  expect_refused(joined(kem_.public_half(), bad));
  // Compressed points are not taken.
  bad = curve_.public_value();
  bad[0] = 0x02;
  bad.resize(1 + bad.size() / 2);
  expect_refused(joined(kem_.public_half(), bad));
}

INSTANTIATE_TEST_SUITE_P(Methods, HybridTest, ::testing::ValuesIn(kHybrids), [](const auto& info) {
  const std::string name = info.param.name;
  return name.substr(0, name.find('-'));
});

TEST(Hybrids, AreOfferedExactlyWhereOpensslHasMlKem) {
  for (const Hybrid& hybrid : kHybrids) {
    EXPECT_EQ(find_kex_method(hybrid.name) != nullptr, crypto::has_ml_kem(hybrid.set));
    ServerSettings settings;
    settings.kex = {hybrid.name, "curve25519-sha256"};
    const NameList offered = server_kex_init(settings, false).kex;
    EXPECT_EQ(contains_name(offered, hybrid.name), crypto::has_ml_kem(hybrid.set));
    EXPECT_EQ(offered.back(), "curve25519-sha256");
  }
}

}  // namespace
}  // namespace sallyport::ssh
