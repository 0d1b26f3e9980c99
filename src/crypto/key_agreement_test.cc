#include "crypto/key_agreement.h"

#include <gtest/gtest.h>
#include <openssl/core_names.h>

#include <string>
#include <string_view>

#include "crypto/test_hex.h"

namespace sallyport::crypto {
namespace {

constexpr AgreementGroup kAllGroups[] = {
    AgreementGroup::kX25519,   AgreementGroup::kP256,     AgreementGroup::kP384,
    AgreementGroup::kP521,     AgreementGroup::kModp2048, AgreementGroup::kModp4096,
    AgreementGroup::kModp8192,
};

AgreementKey x25519_key(std::string_view private_hex) {
  const Bytes raw = from_hex(private_hex);
  EvpPkeyPtr key(
      EVP_PKEY_new_raw_private_key_ex(nullptr, "X25519", nullptr, raw.data(), raw.size()));
  return AgreementKey::adopt(AgreementGroup::kX25519, std::move(key)).value();
}

Result<AgreementKey> curve_key(AgreementGroup group, const char* name, std::string_view private_hex,
                               std::string_view public_hex) {
  const Bytes raw = from_hex(private_hex);
  const Bytes point = from_hex(public_hex);
  BnPtr d(BN_bin2bn(raw.data(), static_cast<int>(raw.size()), nullptr));
  ParamBuildPtr builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, name, 0);
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, d.get());
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                   point.size());
  ParamsPtr params(OSSL_PARAM_BLD_to_param(builder.get()));
  EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  if (EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, params.get()) != 1)
    return openssl_error("test key");
  return AgreementKey::adopt(group, EvpPkeyPtr(key));
}

TEST(KeyAgreement, BothSidesAgreeInEveryGroup) {
  for (const AgreementGroup group : kAllGroups) {
    const auto ours = AgreementKey::generate(group);
    const auto theirs = AgreementKey::generate(group);
    ASSERT_TRUE(ours.ok() && theirs.ok());
    EXPECT_NE(ours->public_value(), theirs->public_value());
    const auto one = ours->agree(theirs->public_value());
    const auto other = theirs->agree(ours->public_value());
    ASSERT_TRUE(one.ok() && other.ok()) << static_cast<int>(group);
    EXPECT_EQ(*one, *other);
  }
}

// RFC 7748 section 5.2.
TEST(KeyAgreement, X25519GivesTheProductsOfRfc7748) {
  const auto first =
      x25519_key("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4")
          .agree(from_hex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c"));
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(to_hex(*first), "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552");
  const auto second =
      x25519_key("4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d")
          .agree(from_hex("e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493"));
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(to_hex(*second), "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957");
}

// RFC 7748 section 6.1.
TEST(KeyAgreement, X25519GivesTheSharedSecretOfRfc7748) {
  const AgreementKey alice =
      x25519_key("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
  EXPECT_EQ(to_hex(alice.public_value()),
            "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
  const auto secret =
      alice.agree(from_hex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"));
  ASSERT_TRUE(secret.ok());
  EXPECT_EQ(to_hex(*secret), "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
}

struct CurveVector {
  AgreementGroup group;
  const char* name;
  const char* private_value;
  const char* public_value;
  const char* peer;
  const char* shared;
};

// RFC 5903 sections 8.1 to 8.3.
constexpr CurveVector kRfc5903[] = {
    {AgreementGroup::kP256, "P-256",
     "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433",
     "04dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c3772581180"
     "5271a0461cdb8252d61f1c456fa3e59ab1f45b33accf5f58389e0577b8990bb3",
     "04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63"
     "56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab",
     "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de"},
    {AgreementGroup::kP384, "P-384",
     "099f3c7034d4a2c699884d73a375a67f7624ef7c6b3c0f160647b67414dce655e35b538041e649ee3faef896"
     "783ab194",
     "04667842d7d180ac2cde6f74f37551f55755c7645c20ef73e31634fe72b4c55ee6de3ac808acb4bdb4c88732"
     "aee95f41aa9482ed1fc0eeb9cafc4984625ccfc23f65032149e0e144ada024181535a0f38eeb9fcff3c2c947"
     "dae69b4c634573a81c",
     "04e558dbef53eecde3d3fccfc1aea08a89a987475d12fd950d83cfa41732bc509d0d1ac43a0336def96fda41"
     "d0774a3571dcfbec7aacf3196472169e838430367f66eebe3c6e70c416dd5f0c68759dd1fff83fa40142209d"
     "ff5eaad96db9e6386c",
     "11187331c279962d93d604243fd592cb9d0a926f422e47187521287e7156c5c4d603135569b9e9d09cf5d4a2"
     "70f59746"},
    {AgreementGroup::kP521, "P-521",
     "0037ade9319a89f4dabdb3ef411aaccca5123c61acab57b5393dce47608172a095aa85a30fe1c2952c6771d9"
     "37ba9777f5957b2639bab072462f68c27a57382d4a52",
     "040015417e84dbf28c0ad3c278713349dc7df153c897a1891bd98bab4357c9ecbee1e3bf42e00b8e380aeae5"
     "7c2d107564941885942af5a7f4601723c4195d176ced3e017cae20b6641d2eeb695786d8c946146239d099e1"
     "8e1d5a514c739d7cb4a10ad8a788015ac405d7799dc75e7b7d5b6cf2261a6a7f1507438bf01beb6ca3926f95"
     "82",
     "0400d0b3975ac4b799f5bea16d5e13e9af971d5e9b984c9f39728b5e5739735a219b97c356436adc6e95bb03"
     "52f6be64a6c2912d4ef2d0433ced2b6171640012d9460f015c68226383956e3bd066e797b623c27ce0eac2f5"
     "51a10c2c724d9852077b87220b6536c5c408a1d2aebb8e86d678ae49cb57091f4732296579ab44fcd17f0fc5"
     "6a",
     "01144c7d79ae6956bc8edb8e7c787c4521cb086fa64407f97894e5e6b2d79b04d1427e73ca4baa240a347868"
     "59810c06b3c715a3a8cc3151f2bee417996d19f3ddea"},
};

TEST(KeyAgreement, CurvesGiveTheSharedSecretsOfRfc5903) {
  for (const CurveVector& v : kRfc5903) {
    const auto key = curve_key(v.group, v.name, v.private_value, v.public_value);
    ASSERT_TRUE(key.ok()) << v.name;
    EXPECT_EQ(to_hex(key->public_value()), v.public_value);
    const auto secret = key->agree(from_hex(v.peer));
    ASSERT_TRUE(secret.ok()) << v.name;
    EXPECT_EQ(to_hex(*secret), v.shared);
  }
}

// The client's half is computed here with nothing but the prime of RFC 3526 and exponentiation.
TEST(KeyAgreement, ModpAgreesWithPlainExponentiation) {
  const auto ours = AgreementKey::generate(AgreementGroup::kModp2048);
  ASSERT_TRUE(ours.ok());
  BnPtr prime(BN_get_rfc3526_prime_2048(nullptr));
  BnPtr two(BN_new()), x(BN_new()), e(BN_new()), k(BN_new());
  BnCtxPtr scratch(BN_CTX_new());
  BN_set_word(two.get(), 2);
  BN_rand(x.get(), 512, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY);
  ASSERT_EQ(BN_mod_exp(e.get(), two.get(), x.get(), prime.get(), scratch.get()), 1);
  Bytes client(256), expected(256);
  BN_bn2binpad(e.get(), client.data(), 256);
  const auto secret = ours->agree(client);
  ASSERT_TRUE(secret.ok());

  BnPtr f(BN_bin2bn(ours->public_value().data(), 256, nullptr));
  ASSERT_EQ(BN_mod_exp(k.get(), f.get(), x.get(), prime.get(), scratch.get()), 1);
  BN_bn2binpad(k.get(), expected.data(), 256);
  EXPECT_EQ(*secret, expected);
}

TEST(KeyAgreement, ModpIgnoresLeadingZerosOfThePeer) {
  const auto ours = AgreementKey::generate(AgreementGroup::kModp2048);
  const auto theirs = AgreementKey::generate(AgreementGroup::kModp2048);
  ASSERT_TRUE(ours.ok() && theirs.ok());
  Bytes padded{0, 0, 0};
  padded.insert(padded.end(), theirs->public_value().begin(), theirs->public_value().end());
  const auto plain = ours->agree(theirs->public_value());
  const auto secret = ours->agree(padded);
  ASSERT_TRUE(plain.ok() && secret.ok());
  EXPECT_EQ(*secret, *plain);
}

TEST(KeyAgreement, EveryGroupRefusesWrongLengths) {
  for (const AgreementGroup group : kAllGroups) {
    const auto ours = AgreementKey::generate(group);
    const auto theirs = AgreementKey::generate(group);
    ASSERT_TRUE(ours.ok() && theirs.ok());
    Bytes longer = theirs->public_value();
    longer.push_back(1);
    EXPECT_EQ(ours->agree({}).error().code, Errc::kInvalidArgument);
    EXPECT_EQ(ours->agree(longer).error().code, Errc::kInvalidArgument);
    EXPECT_EQ(ours->agree(Bytes(100'000, 0x41)).error().code, Errc::kInvalidArgument);
  }
}

// Points of small order, whose product is all zero (RFC 7748 section 6.1, last paragraph).
TEST(KeyAgreement, X25519RefusesAnAllZeroResult) {
  const auto ours = AgreementKey::generate(AgreementGroup::kX25519);
  ASSERT_TRUE(ours.ok());
  for (const char* point : {"0000000000000000000000000000000000000000000000000000000000000000",
                            "0100000000000000000000000000000000000000000000000000000000000000",
                            "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"})
    EXPECT_EQ(ours->agree(from_hex(point)).error().code, Errc::kInvalidArgument) << point;
}

TEST(KeyAgreement, CurvesRefusePointsOffTheCurveAndOtherForms) {
  for (const CurveVector& v : kRfc5903) {
    const auto ours = AgreementKey::generate(v.group);
    ASSERT_TRUE(ours.ok());
    Bytes off = from_hex(v.peer);
    off.back() ^= 1;
    EXPECT_EQ(ours->agree(off).error().code, Errc::kInvalidArgument) << v.name;
    Bytes hybrid = from_hex(v.peer);
    hybrid[0] = 0x06;
    EXPECT_FALSE(ours->agree(hybrid).ok()) << v.name;
    const Bytes good = from_hex(v.peer);
    Bytes compressed(good.begin(), good.begin() + static_cast<long>(good.size() / 2 + 1));
    compressed[0] = 0x02;
    EXPECT_FALSE(ours->agree(compressed).ok()) << v.name;
    EXPECT_FALSE(ours->agree(Bytes(1, 0)).ok()) << "the point at infinity";
    EXPECT_FALSE(ours->agree(Bytes(good.size(), 0xff)).ok()) << "coordinates beyond the prime";
  }
}

TEST(KeyAgreement, ModpRefusesValuesOutsideTwoToPMinusTwo) {
  const auto ours = AgreementKey::generate(AgreementGroup::kModp2048);
  ASSERT_TRUE(ours.ok());
  BnPtr prime(BN_get_rfc3526_prime_2048(nullptr));
  const auto less = [&](unsigned long by) {
    BnPtr value(BN_dup(prime.get()));
    BN_sub_word(value.get(), by);
    Bytes out(256);
    BN_bn2binpad(value.get(), out.data(), 256);
    return out;
  };
  EXPECT_FALSE(ours->agree(Bytes{0}).ok());
  EXPECT_FALSE(ours->agree(Bytes{1}).ok());
  EXPECT_FALSE(ours->agree(less(1)).ok());
  EXPECT_FALSE(ours->agree(less(0)).ok());
  EXPECT_FALSE(ours->agree(Bytes(256, 0xff)).ok());
  EXPECT_TRUE(ours->agree(Bytes{2}).ok());
  EXPECT_TRUE(ours->agree(less(2)).ok());
}

}  // namespace
}  // namespace sallyport::crypto
