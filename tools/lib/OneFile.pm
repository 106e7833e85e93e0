#
# OneFile.pm - the tree as one source and one header
#
# A header is written where it is first wanted, a source where its turn is, and
# what the build chooses by files the compiler chooses by macros: whole files
# stand between #if and #else. Nothing inside a file is touched, but for its
# #includes, and each is named by the line above it.
#
# What the system has is included above all of ours: only then may a pragma
# make hidden what is declared after it.
#
package OneFile;

use strict;
use warnings;
use Assembly;
use Exporter 'import';
use Manifest;

our @EXPORT = qw(one_file);

# Upwards: a floor stands on those before it.
my @FLOORS = qw(base coro loop proto inspect task sync io net http);

my $HEADER = <<'END';
fermata.h - VERSION, asyncio for C: the whole interface

Made by tools/amalgamate of Fermata's tree, for fermata.c.
END

my $SOURCE = <<'END';
fermata.c - VERSION, asyncio for C: the whole library

Made by tools/amalgamate of Fermata's tree. It needs fermata.h beside it, and
nothing else:

    cc -O2 -fstack-clash-protection -c fermata.c
    cc -O2 -fstack-clash-protection program.c fermata.o -pthread

Without -fstack-clash-protection, here and in what the tasks call, a stack
overflow may be a corruption instead of a sentence. What stands on libraries
of others is asked for here, and each of them linked:

LIBRARIES

And there are

    -DFERMATA_HIDDEN     for a shared object that keeps Fermata to itself
    -DFERMATA_UCONTEXT   switches stacks by the C library
    -DFERMATA_VALGRIND   tells valgrind of stacks; takes its headers
END

# one_file(ROOT): the text of fermata.c and of fermata.h
sub one_file {
    my ($root) = @_;
    my $manifest = read_manifest($root);
    my $tree = {root => $root, seen => {}, used => {}, depth => 0};
    my $header = top($manifest, $HEADER)
        . piece($tree, 'include/fermata.h');

    $tree->{above} = {};
    my $body = join '', map { part($tree, $_) } in_order($manifest);
    complete($tree);
    my $source = top($manifest, $SOURCE) . prologue($manifest)
        . above($tree->{above}) . $body . "\n#pragma GCC visibility pop\n";
    return ($source, $header);
}

# ---- What is where ------------------------------------------------------

sub in_order {
    my ($manifest) = @_;
    my %of;
    for my $part (@{$manifest->{parts}}) {
        my ($floor) = $part->{files}[0] =~ m{^src/(\w+)/};
        push @{$of{$floor}}, $part;
    }
    return map { @{$of{$_} // []} } @FLOORS;
}

# A source that no list has would be missed by nobody before it is called.
sub complete {
    my ($tree) = @_;
    my @files = map { substr $_, 1 + length $tree->{root} }
        map { glob "'$tree->{root}/src/*/*.$_'" } qw(c S h);
    my @missed = grep { !$tree->{used}{$_} } @files;
    die "in no list that amalgamate reads: @missed\n" if @missed;
}

# Files that are always there, or those that a condition chooses.
sub part {
    my ($tree, $part) = @_;
    my ($files, $condition) = @$part{qw(files condition)};
    return join '', map { piece($tree, $_) } @$files if !defined $condition;
    my $text = "\n#if $condition\n" . branch($tree, $condition, $files);
    my $without = branch($tree, '', $part->{without});
    $text .= "\n#else\n$without" if $without ne '';
    return "$text\n#endif\n";
}

# What is seen in one branch is not seen in the other, nor after both.
sub branch {
    my ($tree, $condition, $files) = @_;
    local $tree->{seen} = {%{$tree->{seen}}};
    local $tree->{condition} = $condition;
    return join '', map { piece($tree, $_) } @$files;
}

# The text of a file, with all that it includes of ours. What a source defines
# ends with it.
sub piece {
    my ($tree, $path) = @_;
    $tree->{seen}{$path} = $tree->{used}{$path} = 1;
    my $text = contents("$tree->{root}/$path");
    $text = assembly($text) if $path =~ /\.S$/;
    local $tree->{depth} = $path =~ /\.h$/ ? -1 : 0;
    my ($out, %own) = (banner($path));
    local $tree->{own} = $path =~ /\.h$/ ? {} : \%own;
    for my $line (split /\n/, $text) {
        $tree->{depth}++ if $line =~ /^#if/;
        $tree->{depth}-- if $line =~ /^#endif/;
        $own{$1} = 1 if $line =~ /^#define (\w+)/;
        $out .= included($tree, $line);
    }
    return $out if $path =~ /\.h$/;
    return $out . join '', map { "#undef $_\n" } sort keys %own;
}

# A line as it is, or what stands for an #include.
sub included {
    my ($tree, $line) = @_;
    my ($open, $name) = $line =~ /^#include ([<"])([^>"]+)[>"]/
        or return "$line\n";
    return once($tree, "include/$name") if $name =~ m{^fermata[./]};
    return once($tree, "src/$name") if $open eq '"';
    return "$line\n" if !defined $tree->{above};
    return "#pragma GCC visibility push(default)\n$line\n"
        . "#pragma GCC visibility pop\n"
        if $tree->{depth} > 0 || %{$tree->{own}};
    $tree->{above}{$tree->{condition} // ''}{$name} = 1;
    return '';
}

sub once {
    my ($tree, $path) = @_;
    return '' if $tree->{seen}{$path};
    return piece($tree, $path) if $tree->{depth} <= 0;
    return branch($tree, $tree->{condition}, [$path]);
}

# ---- What stands above --------------------------------------------------

sub above {
    my ($above) = @_;
    my $text = '';
    for my $condition (sort keys %$above) {
        my $lines = join '', map { "#include <$_>\n" }
            grep { $condition eq '' || !$above->{''}{$_} }
            sort keys %{$above->{$condition}};
        next if $lines eq '';
        $text .= $condition eq '' ? $lines
            : "#if $condition\n$lines#endif\n";
    }
    return "$text\n#pragma GCC visibility push(hidden)\n";
}

sub prologue {
    my ($manifest) = @_;
    my $known = join " || \\\n      ", map { "($manifest->{machines}{$_})" }
        sort keys %{$manifest->{machines}};
    return <<"END";
#if !defined(__STDC_VERSION__) || __STDC_VERSION__ < 201112L
#error "fermata.c is C11, and no C++: cc -std=c11 -c fermata.c"
#endif
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "fermata.h"

/* Asserts stay: a broken invariant must not run on. */
#undef NDEBUG
/* A machine that has no assembly here is switched by its C library. */
#if defined(FERMATA_UCONTEXT) || \\
    !($known)
#define FM__UCONTEXT
#endif
#ifdef FERMATA_VALGRIND
#define FM__VALGRIND
#endif

END
}

sub top {
    my ($manifest, $story) = @_;
    my $version = "Fermata $manifest->{version}";
    my $text = $story =~ s/VERSION/$version/r . "\n$manifest->{license}";
    $text =~ s/LIBRARIES\n/libraries(@{$manifest->{libraries}})/e;
    $text =~ s/^/ * /mg;
    $text =~ s/ +$//mg;
    return "/*\n$text */\n";
}

sub libraries {
    return join '', map { sprintf "    -DFERMATA_HAS_%-7s %s\n", @$_ } @_;
}

sub banner {
    my ($path) = @_;
    return "\n/* " . '-' x (70 - length $path) . " $path */\n\n";
}
1;
