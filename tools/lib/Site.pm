#
# Site.pm - the guide and the reference as a small static site
#
# README.md is the front page, docs/guide/NN-name.md and docs/ the chapters,
# docs/design the decisions, the root's other .md the project's own; each public
# header is a page of the reference. Every link and anchor inside is checked.
#
package Site;

use strict;
use warnings;
use Exporter 'import';
use Headers;
use Markdown;
use Style;

our @EXPORT = qw(site_pages);

my ($root, $version);
my @headers;
my %home;    # by public name: the page and anchor that tell about it
my @pages;   # {out source group title html}, in order
my %page_of; # by path in the tree: its page
my %assets;  # by path in the tree: what is shown as it is
my $page;    # the page that is being made
our $place;  # the place in the reference that is being made

# Path under html/ => text, ...
sub site_pages {
    ($root, @headers) = @_;
    ($version) = release($root);
    find_pages();
    for my $header (@headers) {
        for my $item (@{$header->{items}}) {
            my $where = "reference/$header->{word}.html#$item->{name}";
            $home{$_} = $where for $item->{name}, @{$item->{names} // []};
        }
    }
    $place = '';
    for (@pages) {
        $page = $_;
        $page->{html} = $page->{header} ? reference_page($page->{header})
            : markdown(text_of($page->{source}), how());
    }
    my %files = map { $page = $_; ($_->{out} => frame()) } @pages;
    check_links(\%files);
    return (%files, map { $_ => text_of($_) } keys %assets);
}

sub text_of {
    my ($path) = @_;
    open my $in, '<', "$root/$path" or return '';
    local $/;
    return <$in> // '';
}

# ---- What there is ------------------------------------------------------

sub find_pages {
    add_page('README.md', 'index.html', '');
    for my $path (map { "docs/guide/$_" } chapters()) {
        add_page($path, 'guide/' . plain_name($path), 'Guide');
    }
    add_page("docs/$_", "guide/" . plain_name($_), 'Compared and proved')
        for names('docs');
    for my $header (@headers) {
        add_page($header->{path}, "reference/$header->{word}.html",
            'Reference')->{header} = $header;
    }
    add_page($_, plain_name($_), 'Project')
        for grep { $_ ne 'README.md' } names('.');
    for my $path (map { "docs/design/$_" } names('docs/design')) {
        add_page($path, 'design/' . plain_name($path), 'Design');
    }
}

# In the order in which the first one lists them, at its end.
sub chapters {
    my @names = names('docs/guide') or return;
    my ($list) = text_of("docs/guide/$names[0]") =~ /^## Read on\n(.*)/ms;
    my @listed = ($names[0], ($list // '') =~ /\]\(([^)#]+\.md)/g);
    my %place = map { $listed[$_] => $_ } reverse 0 .. $#listed;
    return sort { ($place{$a} // @listed) <=> ($place{$b} // @listed)
        || $a cmp $b } @names;
}

sub names {
    my ($folder) = @_;
    opendir my $dir, "$root/$folder" or return;
    return sort grep { /\.md$/ } readdir $dir;
}

sub plain_name {
    my ($path) = @_;
    my ($name) = $path =~ m{([^/]+)\.md$};
    return lc($name =~ s/^\d+-//r) . '.html';
}

sub add_page {
    my ($source, $out, $group) = @_;
    my ($title) = $source =~ /\.md$/
        ? text_of($source) =~ /^# +(.*?)\s*$/m : $source =~ m{([^/]+)$};
    problem($source, 1, 'no title: the file has no line "# ..."')
        if !defined $title;
    push @pages, {source => $source, out => $out, group => $group,
        title => ($title // $source) =~ tr/`*//dr};
    return $page_of{$source} = $pages[-1];
}

# ---- Text ---------------------------------------------------------------

sub how {
    return {code => \&code_html, word => \&word_html, link => \&target,
        example => \&example};
}

# From the page that is being made to a path in the site.
sub to {
    my ($path) = @_;
    return '../' x ($page->{out} =~ tr{/}{}) . $path;
}

sub word_html {
    my ($code) = @_;
    my $class = $code =~ /^\S{1,24}$/ ? ' class="whole"' : '';
    my $html = "<code$class>" . text_html($code) . '</code>';
    my ($name) = $code =~ /^(\w+)(?:\(.*\))?$/;
    return $html if !$name || !$home{$name} || $home{$name} eq $place;
    return '<a href="' . to($home{$name}) . "\">$html</a>";
}

# Where a link in the source leads: a page, a file as it is, or elsewhere.
sub target {
    my ($href) = @_;
    return $href if $href =~ /^(?:[a-z]+:|#)/;
    my ($path, $anchor) = $href =~ /^([^#]*)(#.*)?$/;
    my $full = $page->{source} =~ m{^(.*/)} ? "$1$path" : $path;
    1 while $full =~ s{(?:^|/)\K(?:\./|(?!\.\./)[^/]+/\.\./)}{};
    $full =~ s{/$}{};
    return to($page_of{$full}{out}) . ($anchor // '') if $page_of{$full};
    return '' if -d "$root/$full";
    if (!-f "$root/$full") {
        problem($page->{source}, line_of($href), "no such page: $href");
        return '';
    }
    $assets{$full} = 1;
    return to($full);
}

sub line_of {
    my ($needle) = @_;
    my $text = text_of($page->{source});
    my $at = index $text, $needle;
    return $at < 0 ? 1 : 1 + (substr($text, 0, $at) =~ tr/\n//);
}

# A whole example, or what stands between /* [name] */ and /* [/name] */.
sub example {
    my ($path, $region) = @_;
    my $line = line_of("example: $path" . ($region ? "#$region" : ''));
    my $code = text_of($path);
    my $mark = qr{[ \t]*/\* \[/?[\w-]+\] \*/[ \t]*\n};
    if ($code eq '') {
        problem($page->{source}, $line, "no example $path");
        return '';
    }
    if ($region && $code !~ s{\A.*?/\*[ ]\[\Q$region\E\][ ]\*/[ ]*\n
        (.*?)[ ]*/\*[ ]\[/\Q$region\E\][ ]\*/.*\z}{$1}sx) {
        problem($page->{source}, $line, "no [$region] in $path");
        return '';
    }
    $code =~ s/$mark//g;
    my ($indent) = sort { length $a <=> length $b } $code =~ /^( *)(?=\S)/mg;
    $code =~ s/^$indent//mg;
    return "<figure><figcaption>$path</figcaption>" . code_html($code, 'c')
        . "</figure>\n";
}

my $KEYWORD = join '|', qw(
    auto bool break case char const continue default do double else enum
    extern float for goto if inline int int64_t long restrict return short
    signed size_t sizeof ssize_t static struct switch typedef uint32_t
    uint64_t uintptr_t union unsigned void volatile while);

sub code_html {
    my ($code, $language) = @_;
    my $html = '';
    while ($code =~ m{\G(?:
        (?<note>/\*.*?\*/|//[^\n]*)|(?<text>"(?:[^"\\\n]|\\.)*")
        |(?<word>\b(?:$KEYWORD)\b|^[ ]*\#[ ]*\w+)|(?<name>\b[A-Za-z_]\w*)
        |(?<rest>[\d.]+|[^\w/"#]+|.))}gsxm) {
        my ($kind, $found) = %+;
        my $shown = text_html($found);
        $html .= $language !~ /^[ch]$/ || $kind eq 'rest' ? $shown
            : $kind ne 'name' ? "<span class=\"$kind\">$shown</span>"
            : name_html($found);
    }
    return "<pre><code>$html</code></pre>\n";
}

# A public name is a link, but not to where it stands.
sub name_html {
    my ($name) = @_;
    my $where = $home{$name};
    return $name if !$where || $where eq $place;
    return '<a href="' . to($where) . "\">$name</a>";
}

# ---- The reference ------------------------------------------------------

my %COLOUR = (
    FM_SUSPENDS => ['suspends', 'Other tasks may run before it returns; '
        . 'always a cancel point, also when it need not wait.'],
    FM_SETTLES => ['settles', 'Always a cancel point; cut, it passes the cut '
        . 'on to what it waits for, and returns only when that has ended.'],
);

sub reference_page {
    my ($header) = @_;
    my $html = "<h1 id=\"top\">$header->{name}</h1>\n<p class=\"lead\">"
        . text_html(ucfirst $header->{title}) . ".</p>\n"
        . code_html("#include <fermata/$header->{name}>\n", 'c')
        . text_blocks($header->{story});
    my @items = @{$header->{items}};
    if (@items > 1) {
        $html .= "<div class=\"wide\"><table class=\"index\"><tbody>\n"
            . join('', map { '<tr><td>' . word_html($_->{name}) . '</td><td>'
                . prose($_->{summary}) . "</td></tr>\n" } @items)
            . "</tbody></table></div>\n";
    }
    return $html . join '', map { item_html($_) } @items;
}

sub item_html {
    my ($item) = @_;
    my $names = join ', ', $item->{kind} eq 'constant' ? @{$item->{names}}
        : $item->{name};
    local $place = $home{$item->{name}};
    my $html = "<section>\n<h2 id=\"$item->{name}\">$names";
    if ($item->{colour}) {
        my ($word, $meaning) = @{$COLOUR{$item->{colour}}};
        $html .= qq( <span class="colour $word" title="$meaning">$word</span>);
    }
    my $code = $item->{kind} eq 'function' ? wrapped($item->{code})
        : $item->{code};
    return "$html</h2>\n" . code_html("$code\n", 'c')
        . text_blocks($item->{text}) . "</section>\n";
}

sub wrapped {
    my ($code) = @_;
    return $code if length $code <= 76;
    my $indent = ' ' x (index($code, '(') + 1);
    my @lines = ('');
    for my $part (split /(?<=,) (?![^(]*\)[^()]*\))/, $code) {
        push @lines, $indent if length "$lines[-1] $part" > 76;
        $lines[-1] .= ($lines[-1] =~ /^ *$/ ? '' : ' ') . $part;
    }
    return join "\n", grep { /\S/ } @lines;
}

sub text_blocks {
    my ($blocks) = @_;
    my $html = '';
    for (@$blocks) {
        my ($kind, @rest) = @$_;
        if ($kind eq 'code') {
            $html .= code_html($rest[0], 'c');
        } elsif ($kind eq 'text') {
            my $class = $rest[0] =~ /^Returns\b/ ? ' class="returns"' : '';
            $html .= "<p$class>" . prose($rest[0]) . "</p>\n";
        } else {
            $html .= "<dl>\n" . join('', map { '<dt>' . word_html($_->[0])
                . '</dt><dd>' . prose($_->[1]) . "</dd>\n" } @rest) . "</dl>\n";
        }
    }
    return $html;
}

# A comment's sentence: public names are links, codes are code.
sub prose {
    my ($text) = @_;
    my $html = '';
    while ($text =~ /\G(?:`([^`]+)`|\b((?:fm|FM)_\w+(?:\([^()]*\))?)
        |(?<!\w)(-E[A-Z0-9]+|NULL\b)|([^`\-fFN]+|.))/gsx) {
        $html .= defined $4 ? text_html($4) : word_html($1 // $2 // $3);
    }
    return $html;
}

# ---- The frame ----------------------------------------------------------

sub frame {
    my $title = text_html($page->{title});
    $title .= ' - Fermata' if $page->{out} ne 'index.html';
    my ($home, $menu) = (to('index.html'), menu());
    return <<"HTML";
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<style>
${\ style()}</style>
</head>
<body>
<header><a href="$home">${\ logo()}Fermata</a><span>$version</span></header>
<nav class="side">$menu</nav>
<details class="menu"><summary>Contents</summary><nav>$menu</nav></details>
<main>
$page->{html}${\ neighbours()}</main>
</body>
</html>
HTML
}

sub menu {
    my ($html, $group) = ('', '');
    for (@pages) {
        next if $_->{group} eq '';
        $html .= ($group eq '' ? '' : "</ul>\n")
            . "<h2>$_->{group}</h2>\n<ul>\n" if $_->{group} ne $group;
        $group = $_->{group};
        my $here = $_ == $page ? ' aria-current="page"' : '';
        $html .= '<li><a href="' . to($_->{out}) . "\"$here>"
            . text_html($_->{title}) . '</a>'
            . ($here ? sections() : '') . "</li>\n";
    }
    return $html . ($group eq '' ? '' : "</ul>\n");
}

sub sections {
    my @found = $page->{html} =~ m{<h2 id="([^"]*)">(.*?)(?: <span|</h2>)}g;
    return '' if !@found;
    my $html = '<ul>';
    while (my ($id, $text) = splice @found, 0, 2) {
        $text =~ s/<[^>]*>//g;
        $html .= "<li><a href=\"#$id\">$text</a></li>";
    }
    return "$html</ul>";
}

# The chapters before and after this one.
sub neighbours {
    my ($at) = grep { $pages[$_] == $page } 0 .. $#pages;
    my @links;
    for ([$at - 1, 'prev'], [$at + 1, 'next']) {
        my ($i, $relation) = @$_;
        next if $i < 0 || $i > $#pages || $page->{group} eq 'Project';
        my $other = $pages[$i];
        next if $other->{group} ne $page->{group} && $page->{group} ne '';
        push @links, "<a rel=\"$relation\" href=\"" . to($other->{out}) . '">'
            . text_html($other->{title}) . '</a>';
    }
    return @links ? '<footer>' . join('', @links) . "</footer>\n" : '';
}

# Each link of the site leads to a file of the site, and to an anchor in it.
sub check_links {
    my ($files) = @_;
    for (@pages) {
        $page = $_;
        my ($folder) = $page->{out} =~ m{^(.*/)};
        for my $href ($files->{$page->{out}} =~ /(?:href|src)="([^"]*)"/g) {
            next if $href =~ /^[a-z]+:/;
            my ($path, $anchor) = $href =~ /^([^#]*)(?:#(.*))?$/;
            my $to = $path eq '' ? $page->{out} : ($folder // '') . $path;
            1 while $to =~ s{[^/]+/\.\./}{};
            my $html = $files->{$to};
            next if $assets{$to} || defined $html
                && (!defined $anchor || $html =~ /id="\Q$anchor\E"/);
            problem($page->{source}, line_of($anchor // $path),
                "no such place: $href");
        }
    }
}

1;
